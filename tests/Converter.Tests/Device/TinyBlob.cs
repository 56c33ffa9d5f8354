using System.Buffers.Binary;
using System.Text;
using TinyInference;

namespace Converter.Tests.Device;

/// <summary>One fully connected layer of 8 inputs, written after docs/SPEC.md by hand.</summary>
internal static class TinyBlob
{
    public const int Inputs = 8;

    /// <param name="seed">Of the weights.</param>
    /// <param name="outputs">8 makes a network that can reconstruct its input.</param>
    /// <param name="name">Metadata; and the others likewise, where they are not null.</param>
    public static byte[] Create(int seed = 1, int outputs = 3, string? name = "tiny", string? preparation = null, string? task = null, string? labels = null, int inputs = Inputs)
    {
        var random = new Random(seed);
        byte[] metadata = [.. Entry(Metadata.Name, name), .. Entry(Metadata.Labels, labels), .. Entry(Metadata.InputPreparation, preparation), .. Entry(Metadata.Task, task)];
        byte[] tensors =
        [
            .. U16(0), .. U16(1),
            1, 2, .. U16(0), .. U32(0), .. U32(BitConverter.SingleToInt32Bits(0.5f)), .. U32(3), .. U32(1), .. U32(inputs),
            1, 2, .. U16(0), .. U32(inputs), .. U32(BitConverter.SingleToInt32Bits(1 / 64f)), .. U32(-5), .. U32(1), .. U32(outputs),
        ];
        byte[] operators =
        [
            3, 0, 1, 1, .. U16(4), .. U16(1), .. U32(outputs), .. U32(0), .. U32(inputs * outputs), .. U16(0), .. U16(1),
            .. U32(inputs), .. U32(-5), .. U32(-128), .. U32(127),
            .. Enumerable.Range(0, outputs).SelectMany(_ => U32(random.Next(-2000, 2000))),
            .. U32(1 << 30), unchecked((byte)-6), 0, 0, 0,
        ];
        byte[] weights = new byte[inputs * outputs];
        random.NextBytes(weights);
        int planEnd = 64 + metadata.Length + tensors.Length + operators.Length;
        int weightsOffset = (planEnd + 7) & ~7;
        byte[] blob =
        [
            .. "TINF"u8, .. U16(1), .. U16(64), .. U32(weightsOffset + weights.Length), .. U32(0), .. U32((inputs + outputs + 3) & ~3), .. U32(outputs), .. U32(0),
            .. U16(2), .. U16(1), .. U16(1), .. U16(1), .. U32(metadata.Length), .. U32(tensors.Length), .. U32(operators.Length),
            .. U32(weightsOffset), .. U32(weights.Length), .. U32(weights.Length), .. U32(0),
            .. metadata, .. tensors, .. operators, .. new byte[weightsOffset - planEnd], .. weights,
        ];
        var crc = new Crc32();
        crc.Add(blob, 16, blob.Length - 16);
        BinaryPrimitives.WriteUInt32LittleEndian(blob.AsSpan(12), crc.Value);
        return blob;
    }

    private static byte[] Entry(int tag, string? text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text ?? "");
        return text is null ? [] : [.. U16(tag), .. U16(bytes.Length), .. bytes, .. new byte[-bytes.Length & 3]];
    }

    private static byte[] U16(int value) => [(byte)value, (byte)(value >> 8)];

    private static byte[] U32(int value) => BitConverter.GetBytes(value);
}
