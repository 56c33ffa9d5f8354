namespace TinyInference.Converter.Numerics;

/// <summary>Floats as integers in the same order: the bits, those of negative numbers inverted but for the sign.</summary>
internal static class FloatOrder
{
    /// <summary>0 and -0 have one key.</summary>
    public static int Key(float value)
    {
        int bits = BitConverter.SingleToInt32Bits(value == 0 ? 0 : value);
        return bits ^ ((bits >> 31) & int.MaxValue);
    }

    public static float FromKey(int key) => BitConverter.Int32BitsToSingle(key ^ ((key >> 31) & int.MaxValue));
}
