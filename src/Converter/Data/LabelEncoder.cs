using System.Globalization;

namespace TinyInference.Converter.Data;

/// <summary>Labels as text or numbers to class indices from 0.</summary>
internal static class LabelEncoder
{
    /// <summary>More classes than this are a sign that the labels are no classes.</summary>
    public const int MaximumClasses = 65_536;

    /// <summary>The first of two classes is called so when the second is told from all others: every label that is not the second.</summary>
    public const string Rest = "rest";

    /// <summary>
    /// With <paramref name="names"/>, a label is one of them or the index of one. Without: integers with a 0 among them are indices;
    /// other integers are classes in the order of their numbers; text is classes in ordinal order.
    /// </summary>
    /// <param name="labels">One for each sample.</param>
    /// <param name="names">The classes known beforehand.</param>
    /// <param name="source">The file, for messages; samples count from 0.</param>
    /// <exception cref="InputException">A label is empty, not among the names, or out of range.</exception>
    public static (int[] Labels, IReadOnlyList<string>? Names) Encode(
        IReadOnlyList<string> labels, IReadOnlyList<string>? names, string source)
    {
        for (int i = 0; i < labels.Count; i++)
        {
            if (labels[i].Length == 0)
            {
                throw new InputException($"{source}: sample {i} has an empty label; give it a class or take the sample out");
            }
        }

        if (names is not null)
        {
            return (Find(labels, names, source), names);
        }

        var distinct = labels.ToHashSet(StringComparer.Ordinal);
        var numbers = distinct.ToDictionary(text => text, Integer, StringComparer.Ordinal);
        if (numbers.Values.All(number => number is not null))
        {
            long[] sorted = [.. numbers.Values.Select(number => number!.Value).Distinct().Order()];
            if (sorted.Length > 0 && sorted[0] == 0)
            {
                int[] indices = [.. labels.Select(text => (int)Math.Min(numbers[text]!.Value, int.MaxValue))];
                Check(indices, null, source);
                return (indices, null);
            }

            return (
                [.. labels.Select(text => Array.BinarySearch(sorted, numbers[text]!.Value))],
                [.. sorted.Select(number => number.ToString(CultureInfo.InvariantCulture))]);
        }

        string[] classes = [.. distinct.Order(StringComparer.Ordinal)];
        return ([.. labels.Select(text => Array.BinarySearch(classes, text, StringComparer.Ordinal))], classes);
    }

    /// <exception cref="InputException">A label is below 0 or not one of the classes.</exception>
    public static void Check(ReadOnlySpan<int> labels, int? classes, string source)
    {
        int limit = classes ?? MaximumClasses;
        for (int i = 0; i < labels.Length; i++)
        {
            if (labels[i] < 0 || labels[i] >= limit)
            {
                string range = classes is null ? $"classes count from 0 to {limit - 1}" : $"there are {classes} classes, 0 to {limit - 1}";
                throw new InputException($"{source}: label {labels[i]} of sample {i} is outside the classes ({range}); correct it, or name other labels");
            }
        }
    }

    private static int[] Find(IReadOnlyList<string> labels, IReadOnlyList<string> names, string source)
    {
        var indices = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < names.Count; i++)
        {
            indices.TryAdd(names[i], i);
        }

        var result = new int[labels.Count];
        for (int i = 0; i < result.Length; i++)
        {
            if (names is [Rest, var only])
            {
                result[i] = labels[i] == only ? 1 : 0;
            }
            else if (indices.TryGetValue(labels[i], out int index))
            {
                result[i] = index;
            }
            else if (Integer(labels[i]) is { } number && number >= 0 && number < names.Count)
            {
                result[i] = (int)number;
            }
            else
            {
                throw new InputException(
                    $"{source}: label \"{labels[i]}\" of sample {i} is none of the {names.Count} classes ({string.Join(", ", names.Take(12))})");
            }
        }

        return result;
    }

    /// <summary>The integer that a text stands for, also written as 3.0; null where it is none.</summary>
    private static long? Integer(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            && number == Math.Floor(number) && Math.Abs(number) < 1e15
            ? (long)number
            : null;
}
