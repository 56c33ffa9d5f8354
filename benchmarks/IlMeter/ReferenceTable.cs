using TinyInference.Converter.Estimation;

namespace TinyInference.IlMeter;

/// <summary>The reference networks as a Markdown table: docs/performance.md holds one.</summary>
internal static class ReferenceTable
{
    public static void Write(IReadOnlyList<NetworkCounts> networks, TextWriter writer)
    {
        InstructionClass[] classes = [.. Enum.GetValues<InstructionClass>().Where(k => networks.Any(n => n.Total[k] != 0))];
        Row(writer, ["", .. networks.Select(n => n.Name)]);
        Row(writer, ["---", .. networks.Select(_ => "---:")]);
        Row(writer, ["MACs", .. networks.Select(n => $"{n.Macs:N0}")]);
        Row(writer, ["IL instructions", .. networks.Select(n => $"{n.Total.Total:N0}")]);
        Row(writer, ["**IL per MAC**", .. networks.Select(n => $"**{CountsText.PerMac(n.Total.Total, n.Macs)}**")]);
        foreach (InstructionClass kind in classes)
        {
            Row(writer, [CountsText.Word(kind), .. networks.Select(n => CountsText.Share(n.Total[kind], n.Total.Total))]);
        }

        Row(writer, ["ms on the reference host", .. networks.Select(n => CountsText.Milliseconds(n.Total))]);
        writer.WriteLine();
        WriteKinds(networks, writer);
    }

    /// <summary>What language models execute for one word.</summary>
    public static void Write(IReadOnlyList<WordCounts> models, TextWriter writer)
    {
        Row(writer, ["one word: 2 steps, 2 softmaxes", "MACs", "IL instructions", "**IL per MAC**", "ms on the reference host"]);
        Row(writer, ["---", "---:", "---:", "---:", "---:"]);
        foreach (WordCounts model in models)
        {
            Row(writer, [model.Name, $"{model.Macs:N0}", $"{model.Counts.Total:N0}", $"**{CountsText.PerMac(model.Counts.Total, model.Macs)}**", CountsText.Milliseconds(model.Counts)]);
        }
    }

    /// <summary>IL per MAC of each kind of operator that multiplies.</summary>
    private static void WriteKinds(IReadOnlyList<NetworkCounts> networks, TextWriter writer)
    {
        Row(writer, ["IL per MAC", .. networks.Select(n => n.Name)]);
        Row(writer, ["---", .. networks.Select(_ => "---:")]);
        foreach (string kind in networks.SelectMany(n => n.Operators).Where(o => o.Macs != 0).Select(o => o.Kind).Distinct())
        {
            Row(writer, [kind, .. networks.Select(n => PerMac(n.Operators.Where(o => o.Kind == kind)))]);
        }
    }

    private static string PerMac(IEnumerable<OperatorCounts> operators) =>
        CountsText.PerMac(operators.Sum(o => o.Counts.Total), operators.Sum(o => o.Macs));

    private static void Row(TextWriter writer, IEnumerable<string> cells) => writer.WriteLine($"| {string.Join(" | ", cells)} |");
}
