using System.Text;

namespace TinyInference.Converter.Emission;

/// <summary>Names of values and operators as a blob holds them: short, because they take flash, but the same for the same name.</summary>
internal static class BlobNames
{
    /// <summary>Bytes of UTF-8 that a name in a blob has at most.</summary>
    public const int MostBytes = 31;

    private const int HashBytes = 5;

    /// <summary>
    /// At most <see cref="MostBytes"/> bytes. TensorFlow Lite joins the names of what it fused by ';' and scopes by '/': the first name's
    /// last two components stay; where anything was left out, "~" and 4 hexadecimal digits of the whole name's hash follow.
    /// </summary>
    public static string Shorten(string name)
    {
        string clean = name.Replace('\n', ' ').Replace('\r', ' ');
        if (Encoding.UTF8.GetByteCount(clean) <= MostBytes && !clean.Contains(';'))
        {
            return clean;
        }

        string first = clean.Split(';', 2)[0];
        string[] components = first.Split('/', StringSplitOptions.RemoveEmptyEntries);
        string kept = string.Join('/', components.TakeLast(2));
        return Tail(kept, MostBytes - HashBytes) + $"~{Hash(name):x4}";
    }

    /// <summary>Each name shortened, and those that meet another one numbered.</summary>
    public static string[] ShortenAll(IEnumerable<string> names)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        return [.. names.Select(name =>
        {
            string wish = Shorten(name);
            string unique = wish;
            for (int i = 2; !taken.Add(unique); i++)
            {
                unique = Tail(wish, MostBytes - 1 - i.ToString().Length) + $"#{i}";
            }

            return unique;
        })];
    }

    /// <summary>The last characters of <paramref name="text"/>, at most <paramref name="bytes"/> bytes.</summary>
    private static string Tail(string text, int bytes)
    {
        Rune[] runes = [.. text.EnumerateRunes()];
        int start = runes.Length;
        int length = 0;
        while (start > 0 && length + runes[start - 1].Utf8SequenceLength <= bytes)
        {
            length += runes[--start].Utf8SequenceLength;
        }

        return string.Concat(runes[start..]);
    }

    /// <summary>FNV-1a, folded to 16 bits.</summary>
    private static uint Hash(string text)
    {
        uint hash = 2166136261;
        foreach (byte b in Encoding.UTF8.GetBytes(text))
        {
            hash = unchecked((hash ^ b) * 16777619);
        }

        return (hash >> 16) ^ (hash & 0xFFFF);
    }
}
