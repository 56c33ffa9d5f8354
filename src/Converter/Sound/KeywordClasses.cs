using TinyInference.Converter.Data;

namespace TinyInference.Converter.Sound;

/// <summary>What a keyword network tells apart: words, silence, and everything else.</summary>
internal sealed class KeywordClasses
{
    private const string Silence = "silence";
    private const string Unknown = "unknown";
    private const int LongestWord = 40;

    private KeywordClasses(string[] names) => Names = names;

    /// <summary>By label.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Label of silence and noise.</summary>
    public int SilenceLabel => Index(IsSilence);

    /// <summary>Label of words that are none of the keywords.</summary>
    public int UnknownLabel => Index(IsUnknown);

    /// <summary>What a synthesiser says for each class: null for any other word, empty for nothing.</summary>
    public IReadOnlyList<string?> Spoken => [.. Names.Select(name => IsSilence(name) ? "" : IsUnknown(name) ? null : name.Replace('_', ' ').ToLowerInvariant())];

    /// <summary>The classes of recorded clips, or those that were asked for; silence and unknown are always among them.</summary>
    /// <param name="found">Of the clips; empty without.</param>
    /// <param name="asked">The words that shall be keywords; null: all that were found.</param>
    /// <exception cref="InputException">There is no keyword, one comes twice, or one cannot be said.</exception>
    public static KeywordClasses Create(IReadOnlyList<string> found, IReadOnlyList<string>? asked)
    {
        List<string> names = [.. asked ?? found];
        if (!names.Exists(n => !IsSilence(n) && !IsUnknown(n)))
        {
            throw new InputException("there is no keyword to learn: name some with --words, or give clips of some");
        }

        foreach (string preset in new[] { Silence, Unknown })
        {
            if (!names.Exists(n => preset == Silence ? IsSilence(n) : IsUnknown(n)))
            {
                names.Add(preset);
            }
        }

        foreach (string name in names)
        {
            if (name.Length is 0 or > LongestWord || name[0] == '-' || name.Any(c => !char.IsLetterOrDigit(c) && c is not ('_' or '\'' or '-' or ' ')))
            {
                throw new InputException($"'{name}' is no keyword: letters, digits, spaces, apostrophes and hyphens make one, at most {LongestWord}");
            }

            if (names.Count(n => n.Equals(name, StringComparison.OrdinalIgnoreCase)) > 1)
            {
                throw new InputException($"'{name}' is there twice among the keywords");
            }
        }

        if (names.Count > LabelEncoder.MaximumClasses || names.Count(IsSilence) > 1 || names.Count(IsUnknown) > 1)
        {
            throw new InputException("there are several classes of silence or noise, or several of unknown words: put the clips of each into one folder");
        }

        return new KeywordClasses([.. names]);
    }

    /// <summary>The label of a clip whose class is called <paramref name="name"/>; what is no keyword is unknown.</summary>
    public int LabelOf(string name)
    {
        int label = Index(n => n.Equals(name, StringComparison.OrdinalIgnoreCase));
        return label >= 0 ? label : IsSilence(name) ? SilenceLabel : UnknownLabel;
    }

    /// <summary>Whether clips of this class hold no words.</summary>
    public static bool IsSilence(string name) => !KeywordListener.IsWord(name) && !IsUnknown(name) || name.Contains("background", StringComparison.OrdinalIgnoreCase);

    private static bool IsUnknown(string name) => name.Trim('_').Equals(Unknown, StringComparison.OrdinalIgnoreCase);

    private int Index(Predicate<string> match)
    {
        for (int i = 0; i < Names.Count; i++)
        {
            if (match(Names[i]))
            {
                return i;
            }
        }

        return -1;
    }
}
