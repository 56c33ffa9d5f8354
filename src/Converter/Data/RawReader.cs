using System.Runtime.InteropServices;
using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Data;

/// <summary>Samples one after the other without a header.</summary>
internal static class RawReader
{
    /// <param name="bytes">The whole file.</param>
    /// <param name="elements">Numbers in one sample.</param>
    /// <param name="type">What the numbers are.</param>
    /// <param name="name">For messages.</param>
    /// <exception cref="InputException">The file is not of whole samples, or holds a number that is not finite.</exception>
    public static Dataset Read(byte[] bytes, int elements, RawType type, string name)
    {
        long size = (long)elements * (type == RawType.Float32 ? sizeof(float) : 1);
        if (bytes.Length == 0 || bytes.Length % size != 0)
        {
            throw new InputException(
                $"{name}: has {bytes.Length} bytes, which is not a whole number of samples of {size} bytes ({elements} elements of type {type}); "
                + "give data of this model, or the right raw type");
        }

        var shape = new Shape(elements);
        if (type == RawType.Float32)
        {
            var store = new FloatSamples(MemoryMarshal.Cast<byte, float>(bytes).ToArray(), elements);
            return new Dataset(name, store, shape, DataKind.Real);
        }

        bool signed = type == RawType.Int8;
        return new Dataset(
            name,
            new ByteSamples(bytes, 0, elements, bytes.Length / elements, elements, signed),
            shape,
            signed ? DataKind.RawInt8 : DataKind.Pixels);
    }
}
