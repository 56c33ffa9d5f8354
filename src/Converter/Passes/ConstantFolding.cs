namespace TinyInference.Converter.Passes;

using TinyInference.Converter.Execution;
using TinyInference.Converter.Graphs;

/// <summary>Computes now what does not depend on the network's inputs.</summary>
internal sealed class ConstantFolding : LocalPass
{
    /// <summary>Bytes of a result that may be larger than what it is computed from: a small node must not become a large file.</summary>
    private const long MostBytes = 1 << 16;

    public override string Description => "computes what does not depend on the inputs";

    protected override bool TryRewrite(GraphRewriter rewriter, Node node)
    {
        if (node.Operator is Quantize or Dequantize || node.Outputs.Count != 1 || node.Inputs.Count == 0 || rewriter.IsOutput(node.Output)
            || !node.Inputs.All(v => v is null or { IsConstant: true }))
        {
            return false;
        }

        Value output = node.Output;
        long inputBytes = node.Inputs.OfType<Value>().Sum(Bytes);
        if (Bytes(output) > Math.Max(inputBytes, MostBytes) || Compute(node) is not { } result)
        {
            return false;
        }

        rewriter.ReplaceUses(output, new Value(output.Name, result) { Quantization = output.Quantization });
        rewriter.Remove(node);
        return true;
    }

    private static long Bytes(Value value) => (long)value.Shape.ElementCount * value.Type.Size();

    /// <summary>The output of <paramref name="node"/>; null where it cannot be computed exactly (its result is rounded to other parameters).</summary>
    private static Tensor? Compute(Node node)
    {
        Value output = node.Output;
        bool moves = node.Operator is Reshape or Transpose or Slice or Concat or Gather or Identity;
        if (moves && node.Inputs[0]!.Quantization is { IsPerTensor: true } parameters && parameters.Equals(output.Quantization)
            && (node.Operator is not Concat || node.Inputs.All(v => parameters.Equals(v!.Quantization))))
        {
            return Run(node, keepQuantization: false);
        }

        return output.Quantization is null ? Run(node, keepQuantization: true) : null;
    }

    private static Tensor? Run(Node node, bool keepQuantization)
    {
        Value?[] inputs = [.. node.Inputs.Select(v => v is null ? null : new Value(v.Name, v.Constant!) { Quantization = keepQuantization ? v.Quantization : null })];
        var result = new Value(node.Output.Name, node.Output.Type, node.Output.Shape);
        var graph = new Graph { Name = node.Name };
        graph.Nodes.Add(new Node(node.Name, node.Operator, inputs, [result]));
        graph.Outputs.Add(result);
        try
        {
            Tensor tensor = new FloatExecutor(graph).Run()[0];
            return tensor.Type == result.Type && tensor.Shape.Equals(result.Shape) ? tensor : null;
        }
        catch (Exception e) when (e is InputException or InvalidOperationException)
        {
            // What cannot be computed here stays in the graph, where whoever needs it reports it by name.
            return null;
        }
    }
}
