namespace TinyInference.Converter.Commands;

/// <summary>When a sentence is understood: its intent is no "other", probable enough, and most of its words are known.</summary>
/// <param name="LeastConfidence">Percent.</param>
/// <param name="MostUnknown">Percent of the words.</param>
internal sealed record CommandThresholds(int LeastConfidence, int MostUnknown)
{
    /// <summary>Nothing is refused but what is taken for no command.</summary>
    public static readonly CommandThresholds None = new(0, 100);

    /// <summary>Share of the commands that must stay understood.</summary>
    private const double LeastAccepted = 0.985;

    public bool Accepts(int confidence, int unknown, int words) => confidence >= LeastConfidence && 100 * unknown <= MostUnknown * words;

    /// <summary>The strictest that still accept nearly all commands: first by unknown words, then by confidence.</summary>
    /// <param name="commands">Of commands whose intent was found: confidence in percent, unknown words, words.</param>
    public static CommandThresholds Choose(IReadOnlyList<(int Confidence, int Unknown, int Words)> commands)
    {
        if (commands.Count == 0)
        {
            return None;
        }

        int[] shares = [.. commands.Select(c => ((100 * c.Unknown) + c.Words - 1) / c.Words).Order()];
        int[] confidences = [.. commands.Select(c => c.Confidence).OrderDescending()];
        int last = Math.Min(commands.Count - 1, (int)Math.Ceiling(LeastAccepted * commands.Count));
        return new CommandThresholds(Math.Min(confidences[last], MostLeastConfidence), Math.Max(shares[last], LeastMostUnknown));
    }

    /// <summary>Examples are easier than what people say: what they allow is not asked for in full.</summary>
    private const int MostLeastConfidence = 60;
    private const int LeastMostUnknown = 40;
}
