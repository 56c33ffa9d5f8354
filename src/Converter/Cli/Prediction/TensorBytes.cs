using System.Buffers.Binary;

namespace TinyInference.Converter.Cli.Prediction;

/// <summary>Reals to and from the integers that a blob's tensors hold in the arena.</summary>
internal static class TensorBytes
{
    /// <summary>q = clamp(round(x / scale) + zeroPoint), halves away from zero; plain integers are rounded.</summary>
    public static void Quantize(ReadOnlySpan<float> reals, Tensor tensor, Span<byte> arena)
    {
        float scale = BlobText.Scale(tensor) ?? 1;
        Span<byte> bytes = arena.Slice(tensor.ArenaOffset, tensor.ByteCount);
        for (int i = 0; i < reals.Length; i++)
        {
            double q = Math.Round((double)(reals[i] / scale), MidpointRounding.AwayFromZero) + tensor.ZeroPoint;
            switch (tensor.Type)
            {
                case TensorType.Int8:
                    bytes[i] = (byte)(sbyte)Math.Clamp(q, sbyte.MinValue, sbyte.MaxValue);
                    break;
                case TensorType.Int16:
                    BinaryPrimitives.WriteInt16LittleEndian(bytes[(2 * i)..], (short)Math.Clamp(q, short.MinValue, short.MaxValue));
                    break;
                case TensorType.Float32:
                    BinaryPrimitives.WriteSingleLittleEndian(bytes[(4 * i)..], reals[i]);
                    break;
                default:
                    BinaryPrimitives.WriteInt32LittleEndian(bytes[(4 * i)..], (int)Math.Clamp(q, int.MinValue, int.MaxValue));
                    break;
            }
        }
    }

    /// <summary>x = scale * (q - zeroPoint); plain integers as they are.</summary>
    public static void Dequantize(Tensor tensor, ReadOnlySpan<byte> arena, Span<float> reals)
    {
        float scale = BlobText.Scale(tensor) ?? 1;
        for (int i = 0; i < reals.Length; i++)
        {
            reals[i] = tensor.Type == TensorType.Float32 ? BinaryPrimitives.ReadSingleLittleEndian(arena[(tensor.ArenaOffset + (4 * i))..]) : scale * (Element(tensor, arena, i) - tensor.ZeroPoint);
        }
    }

    /// <summary>The reals that have an integer at most half a step away.</summary>
    public static (float Low, float High) Range(Tensor tensor)
    {
        float scale = BlobText.Scale(tensor) ?? 1;
        (float min, float max) = tensor.Type switch
        {
            TensorType.Int8 => (sbyte.MinValue, sbyte.MaxValue),
            TensorType.Int16 => (short.MinValue, short.MaxValue),
            TensorType.Float32 => (float.NegativeInfinity, float.PositiveInfinity),
            _ => ((float)int.MinValue, (float)int.MaxValue),
        };
        return (scale * (min - tensor.ZeroPoint - 0.5f), scale * (max - tensor.ZeroPoint + 0.5f));
    }

    private static int Element(Tensor tensor, ReadOnlySpan<byte> arena, int index) => tensor.Type switch
    {
        TensorType.Int8 => (sbyte)arena[tensor.ArenaOffset + index],
        TensorType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(arena[(tensor.ArenaOffset + (2 * index))..]),
        _ => BinaryPrimitives.ReadInt32LittleEndian(arena[(tensor.ArenaOffset + (4 * index))..]),
    };
}
