namespace TinyInference.Converter.Quantization;

using TinyInference.Converter.Graphs;

/// <summary>Results that stay int16: those of fully connected layers that ask for it.</summary>
internal static class WideOutputs
{
    /// <summary>How far beyond the calibrated range results may go: sixteen bits are enough to spare one.</summary>
    private const double Headroom = 2;

    public static HashSet<Value> Of(Graph graph) => [.. graph.Nodes.Where(n => n.Operator is FullyConnected { IsWide: true }).Select(n => n.Output)];

    /// <summary>A power of two, so that logarithms of what the results stand for need shifts only.</summary>
    /// <param name="narrow">What an int8 tensor would have.</param>
    public static QuantizationParameters Widen(QuantizationParameters narrow)
    {
        ValueRange range = ValueRange.Of(narrow);
        double least = Headroom * Math.Max(-range.Min, range.Max) / short.MaxValue;
        int exponent = Math.Clamp((int)Math.Ceiling(Math.Log2(least)), -15, 24);
        return new QuantizationParameters((float)Math.ScaleB(1, exponent), 0);
    }
}
