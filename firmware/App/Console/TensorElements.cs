namespace TinyInference.Device;

/// <summary>Elements of tensors as they lie in the arena, little endian.</summary>
internal static class TensorElements
{
    internal static int Smallest(TensorType type) => type == TensorType.Int8 ? -128 : type == TensorType.Int16 ? -32768 : -1073741824;

    /// <summary>Of int32 half the range: enough for indices, and differences of two do not overflow.</summary>
    internal static int Largest(TensorType type) => type == TensorType.Int8 ? 127 : type == TensorType.Int16 ? 32767 : 1073741823;

    /// <summary>Element <paramref name="index"/> of the tensor that begins at <paramref name="start"/>.</summary>
    internal static int Read(sbyte[] arena, int start, TensorType type, int index)
    {
        switch (type)
        {
            case TensorType.Int8:
                return arena[start + index];
            case TensorType.Int16:
                int at = start + (2 * index);
                return (byte)arena[at] | (arena[at + 1] << 8);
            default:
                int place = start + (4 * index);
                return (byte)arena[place] | ((byte)arena[place + 1] << 8) | ((byte)arena[place + 2] << 16) | (arena[place + 3] << 24);
        }
    }

    internal static void Write(sbyte[] bytes, TensorType type, int index, int value)
    {
        int size = type == TensorType.Int8 ? 1 : type == TensorType.Int16 ? 2 : 4;
        for (int i = 0; i < size; i++)
        {
            bytes[(index * size) + i] = (sbyte)(value >> (8 * i));
        }
    }
}
