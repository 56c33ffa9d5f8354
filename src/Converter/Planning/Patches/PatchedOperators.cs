using System.Globalization;

namespace TinyInference.Converter.Planning.Patches;

/// <summary>Consecutive operators of a program that are some layers, executed patch by patch.</summary>
/// <param name="First">Index of the first one.</param>
/// <param name="Count">How many they are.</param>
/// <param name="Stripes">Into how many stripes the last layer's rows are cut.</param>
/// <param name="ExtraMacs">What rows that are computed twice cost.</param>
internal sealed record PatchedOperators(int First, int Count, int Stripes, long ExtraMacs)
{
    public int Layers => Count / Stripes;

    /// <summary>As the metadata of a blob has it.</summary>
    public string ToText() => $"{First},{Count},{Stripes},{ExtraMacs}";

    /// <summary>What the metadata of a blob say; empty where they say nothing, or nothing that fits its operators.</summary>
    public static PatchedOperators[] Parse(string? text, int operators)
    {
        var parsed = new List<PatchedOperators>();
        foreach (string group in (text ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = group.Split(',');
            var numbers = new long[4];
            if (parts.Length != numbers.Length || !parts.Select((p, i) => long.TryParse(p, NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i])).All(isNumber => isNumber)
                || numbers[1] > operators || numbers[0] > operators - numbers[1] || numbers[2] == 0 || numbers[2] > numbers[1])
            {
                return [];
            }

            parsed.Add(new PatchedOperators((int)numbers[0], (int)numbers[1], (int)numbers[2], numbers[3]));
        }

        return [.. parsed];
    }
}
