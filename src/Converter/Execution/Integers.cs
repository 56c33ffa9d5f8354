namespace TinyInference.Converter.Execution;

using TinyInference.Converter.Graphs;

/// <summary>
/// Integer tensors in arithmetic: widened to 64 bits, computed, and narrowed again with wrap-around. They are shapes, axes and
/// indices, a few elements each, so that one code for all integer types is worth more than speed.
/// </summary>
internal static class Integers
{
    public static void Narrow(ReadOnlySpan<long> source, Tensor target)
    {
        for (int i = 0; i < source.Length; i++)
        {
            Set(target, i, source[i]);
        }
    }

    private static void Set(Tensor target, int index, long x)
    {
        unchecked
        {
            switch (target.Type)
            {
                case ElementType.Int8:
                    target.Int8s[index] = (sbyte)x;
                    break;
                case ElementType.UInt8:
                    ((byte[])target.Data)[index] = (byte)x;
                    break;
                case ElementType.Int16:
                    ((short[])target.Data)[index] = (short)x;
                    break;
                case ElementType.Int32:
                    target.Int32s[index] = (int)x;
                    break;
                case ElementType.Int64:
                    ((long[])target.Data)[index] = x;
                    break;
                case ElementType.Bool:
                    ((bool[])target.Data)[index] = x != 0;
                    break;
                default:
                    target.Floats[index] = x;
                    break;
            }
        }
    }
}
