using System.Text.RegularExpressions;

namespace TinyInference.Converter.Data;

/// <summary>The classes of samples that are files of their own.</summary>
/// <param name="Labels">One for each file; null where nothing tells the class.</param>
/// <param name="ClassNames">By label; null where labels are mere numbers.</param>
/// <param name="SortedByClass">In the order of their names the files of a class stand together.</param>
internal sealed partial record FileLabels(int[]? Labels, IReadOnlyList<string>? ClassNames, bool SortedByClass)
{
    /// <summary>
    /// In this order: a file of labels; the folder that a file is in, where there are several; names that all end in
    /// <c>_WORD_LABEL</c>; names that all begin with a number or a word and <c>_</c>.
    /// </summary>
    /// <param name="paths">Of the files, with <c>/</c>, sorted.</param>
    /// <param name="labelsFile">Labels by name, or in the order of the files; null without.</param>
    /// <param name="classNames">The model's classes, or null.</param>
    /// <param name="source">For messages.</param>
    /// <exception cref="InputException">A file has no label, or a label is not one of the classes.</exception>
    public static FileLabels Find(IReadOnlyList<string> paths, LabelsFile? labelsFile, IReadOnlyList<string>? classNames, string source)
    {
        string[] stems = [.. paths.Select(Stem)];
        string[] folders = [.. paths.Select(Folder)];
        Match[] numbered = [.. stems.Select(stem => WordAndLabel().Match(stem))];
        IReadOnlyList<string>? numberedNames = Array.TrueForAll(numbered, m => m.Success) ? NamesByLabel(numbered) : null;
        if (labelsFile is not null)
        {
            IReadOnlyList<string> texts = labelsFile.Files is null ? InOrder(labelsFile, paths.Count, source) : ByStem(labelsFile, stems, source);
            IReadOnlyList<string>? known = classNames ?? CompleteNames(numberedNames, labelsFile.Classes);
            (int[] labels, IReadOnlyList<string>? names) = LabelEncoder.Encode(texts, known, source);
            return new FileLabels(labels, names, false);
        }

        if (folders.Distinct(StringComparer.Ordinal).Count() > 1)
        {
            return Encoded(folders, classNames, source);
        }

        if (numberedNames is not null)
        {
            int[] labels = [.. numbered.Select(m => int.Parse(m.Groups["label"].Value))];
            IReadOnlyList<string> names = classNames ?? numberedNames;
            LabelEncoder.Check(labels, names.Count, source);
            return new FileLabels(labels, names, false);
        }

        Match[] leading = [.. stems.Select(stem => LeadingClass().Match(stem))];
        return Array.TrueForAll(leading, m => m.Success)
            ? Encoded([.. leading.Select(m => m.Groups["class"].Value)], classNames, source)
            : new FileLabels(null, null, false);
    }

    private static FileLabels Encoded(string[] texts, IReadOnlyList<string>? classNames, string source)
    {
        (int[] labels, IReadOnlyList<string>? names) = LabelEncoder.Encode(texts, classNames, source);
        return new FileLabels(labels, names, true);
    }

    private static IReadOnlyList<string> InOrder(LabelsFile file, int count, string source) =>
        file.Labels.Count == count
            ? file.Labels
            : throw new InputException($"{source}: there are {count} files but {file.Labels.Count} labels; they must be equal");

    /// <summary>Matched without folder and extension: the labels may have been written for another form of the same samples.</summary>
    private static string[] ByStem(LabelsFile file, string[] stems, string source)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        for (int i = 0; i < file.Labels.Count; i++)
        {
            labels[Stem(file.Files![i])] = file.Labels[i];
        }

        return Array.ConvertAll(stems, stem => labels.TryGetValue(stem, out string? label)
            ? label
            : throw new InputException($"{source}: there are {stems.Length} files and {file.Labels.Count} labels, but none for \"{stem}\"; add it, or remove the file"));
    }

    /// <summary>The word of each label; null where one label has two words, or labels are too far apart to be classes.</summary>
    private static string[]? NamesByLabel(Match[] matches)
    {
        var words = new SortedDictionary<int, string>();
        foreach (Match match in matches)
        {
            int label = int.Parse(match.Groups["label"].Value);
            string word = match.Groups["word"].Value;
            if (words.TryGetValue(label, out string? known) && known != word)
            {
                return null;
            }

            words[label] = word;
        }

        int count = words.Keys.Max() + 1;
        return count <= 2 * words.Count + 16 && words.Values.Distinct(StringComparer.Ordinal).Count() == words.Count
            ? [.. Enumerable.Range(0, count).Select(label => words.GetValueOrDefault(label, $"class {label}"))]
            : null;
    }

    private static IReadOnlyList<string>? CompleteNames(IReadOnlyList<string>? names, int? classes) =>
        classes is not { } count ? names
            : [.. Enumerable.Range(0, count).Select(label => names is not null && label < names.Count ? names[label] : $"class {label}")];

    private static string Stem(string path) => Path.GetFileNameWithoutExtension(path);

    private static string Folder(string path)
    {
        string[] parts = path.Split('/');
        return parts.Length > 1 ? parts[^2] : "";
    }

    [GeneratedRegex(@"_(?<word>[A-Za-z][A-Za-z0-9-]*)_(?<label>\d{1,5})$", RegexOptions.None, 1000)]
    private static partial Regex WordAndLabel();

    [GeneratedRegex(@"^(?<class>\d{1,5}|[A-Za-z][A-Za-z0-9-]*)_", RegexOptions.None, 1000)]
    private static partial Regex LeadingClass();
}
