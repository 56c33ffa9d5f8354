using System.Text;

namespace TinyInference.Converter.Data;

/// <summary>
/// Labels in a file of their own: IDX, NPY, bytes, or text with one label a line or rows of <c>file, label</c> or <c>file, classes, label</c>.
/// </summary>
/// <param name="Labels">One for each sample.</param>
/// <param name="Files">The file that each label is for; null where labels stand in the order of the samples.</param>
/// <param name="Classes">How many classes there are; null when the file does not say.</param>
internal sealed record LabelsFile(IReadOnlyList<string> Labels, IReadOnlyList<string>? Files, int? Classes)
{
    /// <exception cref="InputException">The file is empty or not of one of these forms.</exception>
    public static LabelsFile Read(byte[] bytes, string name)
    {
        if (bytes.Length == 0)
        {
            throw new InputException($"{name}: the file of labels is empty");
        }

        if (IdxReader.Matches(bytes, name))
        {
            return FromIndices(IdxReader.ReadLabels(bytes, name));
        }

        if (NumpyArray.Matches(bytes))
        {
            return FromIndices(NumpyReader.Labels(NumpyArray.Read(bytes, name), name));
        }

        return IsText(bytes) ? ReadText(bytes, name) : FromIndices(Array.ConvertAll(bytes, b => (int)b));
    }

    /// <summary>UTF-8 without control characters but tab, carriage return and line feed.</summary>
    public static bool IsText(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> start = bytes[..Math.Min(bytes.Length, 65_536)];
        foreach (byte b in start)
        {
            if (b < 0x20 && b is not ((byte)'\t' or (byte)'\r' or (byte)'\n'))
            {
                return false;
            }
        }

        // The last character may be cut in two.
        int replaced = Encoding.UTF8.GetString(start).TrimEnd('\uFFFD').Count(c => c == '\uFFFD');
        return replaced == 0;
    }

    private static LabelsFile FromIndices(int[] labels) =>
        new(Array.ConvertAll(labels, label => label.ToString(System.Globalization.CultureInfo.InvariantCulture)), null, null);

    private static LabelsFile ReadText(byte[] bytes, string name)
    {
        var parser = new CsvParser(bytes, name);
        var row = new List<string>();
        var labels = new List<string>();
        var files = new List<string>();
        int? classes = null;
        int? columns = null;
        while (parser.Read(row))
        {
            columns ??= row.Count;
            if (row.Count != columns || columns > 3)
            {
                throw new InputException(
                    $"{name}, row {parser.Row}: has {row.Count} fields; a file of labels has one label a line, or \"file, label\", or \"file, classes, label\"");
            }

            // The header of a file with columns names them.
            if (labels.Count == 0 && columns > 1 && row[^1].ToUpperInvariant() is "LABEL" or "CLASS")
            {
                continue;
            }

            if (columns == 3)
            {
                classes = int.TryParse(row[1], out int count) && count is > 0 and <= LabelEncoder.MaximumClasses
                    ? count
                    : throw new InputException($"{name}, row {parser.Row}: \"{row[1]}\" is not a number of classes (file, classes, label)");
            }

            if (columns > 1)
            {
                files.Add(row[0]);
            }

            labels.Add(row[^1]);
        }

        return labels.Count == 0
            ? throw new InputException($"{name}: the file of labels is empty")
            : new LabelsFile(labels, files.Count > 0 ? files : null, classes);
    }
}
