using System.Globalization;

namespace TinyInference.Converter.Language;

/// <summary>What a table of two components saves, in exact numbers: 2N vectors for M words, N = ceil(sqrt(M)). Nothing of that size is ever allocated.</summary>
/// <param name="Words">M.</param>
/// <param name="Depth">Numbers in a vector.</param>
internal readonly record struct TableArithmetic(long Words, int Depth)
{
    private const int FloatBytes = 4;

    public int Side => WordPlacement.SideOf(Words);

    public long Vectors => 2L * Side;

    /// <summary>Of one float vector for each word.</summary>
    public long FullBytes => checked(Words * Depth * FloatBytes);

    /// <summary>Of the float vectors of the table.</summary>
    public long TableBytes => Vectors * Depth * FloatBytes;

    /// <summary>Of the table's vectors as int8.</summary>
    public long QuantizedBytes => Vectors * Depth;

    /// <summary>That say a row, or a column.</summary>
    public int IndexBits => Math.Max(1, (int)Math.Ceiling(Math.Log2(Side)));

    /// <summary>That say row and column of every word.</summary>
    public long CellBytes => ((Words * 2 * IndexBits) + 7) / 8;

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Words:N0} words: table {Side} x {Side}, {Vectors:N0} vectors of {Depth:N0}: {Amount(TableBytes)} instead of {Amount(FullBytes)}");

    /// <summary>Bytes for people: two digits and a unit of 1,000.</summary>
    public static string Amount(long bytes)
    {
        string[] units = ["bytes", "KB", "MB", "GB", "TB", "PB", "EB"];
        double value = bytes;
        int unit = 0;
        while (value >= 999.5 && unit < units.Length - 1)
        {
            value /= 1000;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{(value < 9.95 && unit > 0 ? value.ToString("F1", CultureInfo.InvariantCulture) : value.ToString("F0", CultureInfo.InvariantCulture))} {units[unit]}");
    }
}
