using System.Globalization;
using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Data;

/// <summary>
/// Data sets from CSV and TSV. The first row is the header when it has words where the next has numbers. Rows with one field more than the header begin with a row
/// number, as R writes them. Columns of words become one number for each word (one-hot), columns of dates are left out.
/// </summary>
internal static class CsvReader
{
    /// <summary>A column with more different words than this is taken for names or free text.</summary>
    private const int MaximumWords = 256;

    /// <exception cref="InputException">The file is empty, ragged, or has values that are neither numbers nor usable words.</exception>
    public static Dataset Read(byte[] bytes, string name, DatasetOptions options)
    {
        var notices = new List<string>();
        CsvColumn[] columns = ReadColumns(bytes, name, notices);
        HashSet<CsvColumn> ignored = [.. options.IgnoreColumns.Select(column => Find(columns, column, name))];
        CsvColumn? label = LabelColumn(columns, options, name);
        if (options.FeatureNames is { } wanted)
        {
            return Named(columns, label, wanted, name, notices, options);
        }

        var features = new List<CsvColumn>();
        foreach (CsvColumn column in columns.Where(c => c != label && !ignored.Contains(c)))
        {
            if (column.IsDates)
            {
                notices.Add($"{name}: column {column.Name} holds dates and is left out");
                continue;
            }

            CheckFeature(column, name);
            features.Add(column);
        }

        if (features.Count == 0)
        {
            throw new InputException($"{name}: has no column of features beside the label; give data with numbers, or name another label column");
        }

        (float[] values, List<string> names) = Encode(features);
        var dataset = new Dataset(name, new FloatSamples(values, names.Count), new Shape(names.Count), DataKind.Real)
        {
            FeatureNames = names,
            Notices = notices,
        };
        return label is null ? dataset : WithLabels(dataset, label, name, options);
    }

    /// <summary>The numbers that a model takes, found by their names; a word that it does not know is none of its words.</summary>
    private static Dataset Named(CsvColumn[] columns, CsvColumn? label, IReadOnlyList<string> wanted, string name, List<string> notices, DatasetOptions options)
    {
        int rows = columns[0].Rows;
        if ((long)rows * wanted.Count > InputBytes.MaximumLength / sizeof(float))
        {
            throw new InputException($"{rows} rows of {wanted.Count} numbers are more than {InputBytes.MaximumLength >> 20} MB; give a smaller part of the data");
        }

        var values = new float[rows * wanted.Count];
        var texts = new Dictionary<CsvColumn, string[]>();
        for (int i = 0; i < wanted.Count; i++)
        {
            CsvColumn? column = Array.Find(columns, c => c.Name == wanted[i]);
            if (column is not null && column.WordRows == 0)
            {
                CheckFeature(column, name);
                for (int row = 0; row < rows; row++)
                {
                    values[(row * wanted.Count) + i] = column.Number(row);
                }

                continue;
            }

            column = column is null ? Array.Find(columns, c => wanted[i].StartsWith(c.Name + "=", StringComparison.Ordinal)) : null;
            if (column is null)
            {
                throw new InputException($"{name}: has no column of numbers \"{wanted[i]}\", which the model takes; it has {columns.Length} columns: {string.Join(", ", columns.Take(50).Select(c => c.Name))}");
            }

            string word = wanted[i][(column.Name.Length + 1)..];
            if (!texts.TryGetValue(column, out string[]? words))
            {
                words = column.Texts();
                texts.Add(column, words);
            }

            for (int row = 0; row < rows; row++)
            {
                values[(row * wanted.Count) + i] = words[row] == word ? 1 : 0;
            }
        }

        var dataset = new Dataset(name, new FloatSamples(values, wanted.Count), new Shape(wanted.Count), DataKind.Real) { FeatureNames = wanted, Notices = notices };
        return label is null ? dataset : WithLabels(dataset, label, name, options);
    }

    private static CsvColumn[] ReadColumns(byte[] bytes, string name, List<string> notices)
    {
        var parser = new CsvParser(bytes, name);
        var first = new List<string>();
        var row = new List<string>();
        if (!parser.Read(first))
        {
            throw new InputException($"{name}: the data set is empty");
        }

        int firstRow = parser.Row;
        bool more = parser.Read(row);
        bool extra = more && row.Count == first.Count + 1;
        bool header = extra || (more && row.Count == first.Count && IsHeader(first, row));
        if (!more && !first.Exists(IsNumber))
        {
            throw new InputException($"{name}: has a header but no rows; the data set is empty");
        }

        CsvColumn[] columns = [.. first.Select((field, i) => new CsvColumn(header ? field : i.ToString(CultureInfo.InvariantCulture)))];
        if (!header)
        {
            Add(columns, first, 0, firstRow);
        }

        if (extra)
        {
            notices.Add($"{name}: rows have one field more than the header; the first is taken for a row number and left out");
        }

        while (more)
        {
            if (row.Count != columns.Length + (extra ? 1 : 0))
            {
                throw new InputException(
                    $"{name}, row {parser.Row}: has {row.Count} fields where the rows before have {columns.Length + (extra ? 1 : 0)}; correct or remove it");
            }

            Add(columns, row, extra ? 1 : 0, parser.Row);
            more = parser.Read(row);
        }

        return columns;
    }

    /// <summary>
    /// A row of words, one of them above a number; the columns' own numbers, from 0 or 1, may stand for names. Where the next row is
    /// all words too, different words are a header: repeated ones are categories.
    /// </summary>
    private static bool IsHeader(List<string> first, List<string> second)
    {
        bool wordAboveNumber = false;
        for (int i = 0; i < first.Count; i++)
        {
            bool isNumber = IsNumber(first[i]);
            if (isNumber && first[i] != i.ToString(CultureInfo.InvariantCulture) && first[i] != (i + 1).ToString(CultureInfo.InvariantCulture))
            {
                return false;
            }

            wordAboveNumber |= !isNumber && IsNumber(second[i]) && !CsvColumn.IsMissing(first[i]);
        }

        return wordAboveNumber || (!first.Exists(IsNumber) && !second.Exists(IsNumber) && first.Distinct(StringComparer.Ordinal).Count() == first.Count);
    }

    private static void Add(CsvColumn[] columns, List<string> fields, int skip, int row)
    {
        for (int i = 0; i < columns.Length; i++)
        {
            columns[i].Add(fields[i + skip], row);
        }
    }

    private static CsvColumn? LabelColumn(CsvColumn[] columns, DatasetOptions options, string name)
    {
        if (options.LabelColumn is null)
        {
            // Without a word from the user: no label where the columns are just what the model takes, or labels come from a file.
            bool all = options.LabelsPath is not null || (columns.Length == options.ExpectedElements && !Array.Exists(columns, c => c.WordRows > 0));
            return all ? null : columns[^1];
        }

        return options.LabelColumn == "none" && !Array.Exists(columns, c => c.Name == "none") ? null : Find(columns, options.LabelColumn, name);
    }

    private static CsvColumn Find(CsvColumn[] columns, string wanted, string name)
    {
        CsvColumn? column = Array.Find(columns, c => c.Name == wanted)
            ?? Array.Find(columns, c => string.Equals(c.Name, wanted, StringComparison.OrdinalIgnoreCase));
        if (column is null && int.TryParse(wanted, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int index))
        {
            index = index < 0 ? index + columns.Length : index;
            column = index >= 0 && index < columns.Length ? columns[index] : null;
        }

        return column ?? throw new InputException(
            $"{name}: has no column \"{wanted}\"; it has {columns.Length}: {string.Join(", ", columns.Take(50).Select(c => c.Name))}");
    }

    private static void CheckFeature(CsvColumn column, string name)
    {
        if (column.FirstMissingRow > 0)
        {
            throw new InputException(
                $"{name}, row {column.FirstMissingRow}, column {column.Name}: the value is missing or not a finite number; fill it in, or remove the row or column");
        }

        if (column.WordRows > 0 && column.WordRows < column.Rows)
        {
            throw new InputException(
                $"{name}, row {column.FirstWordRow}, column {column.Name}: \"{Short(column.FirstWord)}\" is not a number as others of the column are; correct it, or leave the column out");
        }

        if (column.DistinctWords > MaximumWords)
        {
            throw new InputException(
                $"{name}, column {column.Name}: has {column.DistinctWords} different words (first \"{Short(column.FirstWord)}\"), too many to be categories; leave the column out, or name another label column");
        }
    }

    private static (float[] Values, List<string> Names) Encode(List<CsvColumn> features)
    {
        var names = new List<string>();
        var offsets = new List<int>();
        var ranked = new List<int[]?>();
        foreach (CsvColumn column in features)
        {
            offsets.Add(names.Count);
            if (column.WordRows == 0)
            {
                names.Add(column.Name);
                ranked.Add(null);
                continue;
            }

            (int[] ranks, string[] words) = column.Ranked();
            ranked.Add(ranks);
            names.AddRange(words.Select(word => $"{column.Name}={word}"));
        }

        int rows = features[0].Rows;
        if ((long)rows * names.Count > InputBytes.MaximumLength / sizeof(float))
        {
            throw new InputException($"{rows} rows of {names.Count} numbers are more than {InputBytes.MaximumLength >> 20} MB; give a smaller part of the data");
        }

        var values = new float[rows * names.Count];
        for (int c = 0; c < features.Count; c++)
        {
            for (int row = 0; row < rows; row++)
            {
                int start = (row * names.Count) + offsets[c];
                if (ranked[c] is { } ranks)
                {
                    values[start + ranks[row]] = 1;
                }
                else
                {
                    values[start] = features[c].Number(row);
                }
            }
        }

        return (values, names);
    }

    private static Dataset WithLabels(Dataset dataset, CsvColumn label, string name, DatasetOptions options)
    {
        if (label.FirstMissingRow > 0)
        {
            throw new InputException($"{name}, row {label.FirstMissingRow}, column {label.Name}: the label is missing; fill it in, or remove the row");
        }

        if (options.Regression)
        {
            return label.WordRows == 0
                ? dataset with { Targets = [.. Enumerable.Range(0, label.Rows).Select(label.Number)] }
                : throw new InputException(
                    $"{name}, row {label.FirstWordRow}, column {label.Name}: \"{Short(label.FirstWord)}\" is not a number; regression needs numbers, name another label column");
        }

        for (int row = 0; label.WordRows == 0 && row < label.Rows; row++)
        {
            if (label.Number(row) != MathF.Floor(label.Number(row)))
            {
                throw new InputException(
                    $"{name}, column {label.Name}: {label.Number(row)} of sample {row} is no class (not an integer); name another label column, or ask for regression");
            }
        }

        if (label.DistinctWords > LabelEncoder.MaximumClasses)
        {
            throw new InputException($"{name}, column {label.Name}: has {label.DistinctWords} different labels; name another label column");
        }

        (int[] labels, IReadOnlyList<string>? names) = LabelEncoder.Encode(label.Texts(), options.ClassNames, $"{name}, column {label.Name}");
        return dataset with { Labels = labels, ClassNames = names };
    }

    private static bool IsNumber(string field) => float.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    private static string Short(string text) => text.Length > 40 ? text[..40] + "..." : text;
}
