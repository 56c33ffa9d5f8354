using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Data;

/// <summary>
/// CIFAR-10's binary version: records of a label byte and 32x32 pixels, red, green and blue plane after each other. Samples are 32x32x3.
/// </summary>
internal static class CifarReader
{
    private const int Side = 32;
    private const int PlaneLength = Side * Side;
    private const int RecordLength = 1 + (3 * PlaneLength);

    private static readonly string[] s_classNames =
        ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    /// <summary>The length is of whole records and every record begins with a label.</summary>
    public static bool Matches(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == 0 || bytes.Length % RecordLength != 0)
        {
            return false;
        }

        for (int record = 0; record < bytes.Length; record += RecordLength)
        {
            if (bytes[record] >= s_classNames.Length)
            {
                return false;
            }
        }

        return true;
    }

    /// <param name="bytes">Whole records; the planes are interleaved in place, so that there is no second copy.</param>
    /// <param name="name">For messages.</param>
    public static Dataset Read(byte[] bytes, string name)
    {
        int count = bytes.Length / RecordLength;
        var labels = new int[count];
        var planes = new byte[3 * PlaneLength];
        for (int i = 0; i < count; i++)
        {
            Span<byte> record = bytes.AsSpan(i * RecordLength, RecordLength);
            labels[i] = record[0];
            Span<byte> pixels = record[1..];
            pixels.CopyTo(planes);
            for (int pixel = 0; pixel < PlaneLength; pixel++)
            {
                pixels[3 * pixel] = planes[pixel];
                pixels[(3 * pixel) + 1] = planes[PlaneLength + pixel];
                pixels[(3 * pixel) + 2] = planes[(2 * PlaneLength) + pixel];
            }
        }

        var store = new ByteSamples(bytes, 1, RecordLength, count, 3 * PlaneLength, signed: false);
        return new Dataset(name, store, new Shape(Side, Side, 3), DataKind.Pixels) { Labels = labels, ClassNames = s_classNames };
    }
}
