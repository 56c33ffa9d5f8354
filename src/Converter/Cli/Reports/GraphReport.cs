using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Cli.Reports;

/// <summary>What a graph holds and costs, before it is a blob: without a plan of the arena.</summary>
internal static class GraphReport
{
    /// <param name="graph">After the passes.</param>
    /// <param name="file">How the user calls it.</param>
    public static NetworkReport Create(Graph graph, string file) => new(
        file,
        "model",
        graph.Name,
        null,
        [],
        null,
        [.. graph.Inputs.Select(Border)],
        [.. graph.Outputs.Select(Border)],
        [.. graph.Nodes.Select(Describe)],
        null,
        null);

    private static TensorReport Border(Value value)
    {
        QuantizationParameters? quantization = value.Quantization is { IsPerTensor: true } q ? q : null;
        return new TensorReport(value.Name, value.Shape.ToArray(), Type(value), quantization?.Scale, quantization?.ZeroPoint ?? 0);
    }

    private static OperatorReport Describe(Node node) => new(
        node.Operator.Kind,
        node.Name,
        [.. node.Inputs.Where(i => i is { IsConstant: false }).Select(i => i!.Shape.ToArray())],
        node.Output.Shape.ToArray(),
        Type(node.Output),
        Cost.Macs(node),
        Constants(node).Sum(c => (long)c.Shape.ElementCount),
        Constants(node).Sum(c => (long)c.Shape.ElementCount * c.Type.Size()),
        null)
    {
        Encoding = node.Operator is TreeEnsemble trees ? trees.Summary : "",
    };

    /// <summary>Constants that stand for reals; shapes, axes and indices are no parameters.</summary>
    private static IEnumerable<Value> Constants(Node node) =>
        node.Inputs.OfType<Value>().Where(v => v.IsConstant && (v.Type == ElementType.Float32 || v.Quantization is not null));

    private static string Type(Value value) => value.Type.ToString().ToLowerInvariant();
}
