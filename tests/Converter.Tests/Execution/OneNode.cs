using TinyInference.Converter.Execution;
using TinyInference.Converter.Graphs;

namespace Converter.Tests.Execution;

/// <summary>Runs one operator as a graph of one node.</summary>
internal static class OneNode
{
    /// <summary>Runs it twice, with inputs but the first as constants and as inputs of the graph; both must agree.</summary>
    public static Tensor Run(Operator op, Shape output, params Tensor?[] inputs)
        => Run(op, output, ElementType.Float32, inputs);

    public static Tensor Run(Operator op, Shape output, ElementType type, params Tensor?[] inputs)
    {
        Tensor result = Execute(op, new Value("y", type, output), false, inputs);
        CollectionAssert.AreEqual(result.Data, Execute(op, new Value("y", type, output), true, inputs).Data, "constant inputs give another result");
        return result;
    }

    public static Tensor Execute(Operator op, Value output, bool constants, params Tensor?[] inputs)
    {
        Value?[] values = [.. inputs.Select((t, i) => t is null ? null : constants && i > 0 ? new Value($"x{i}", t) : new Value($"x{i}", t.Type, t.Shape))];
        var graph = new Graph();
        graph.Inputs.AddRange(values.OfType<Value>().Where(v => !v.IsConstant));
        graph.Outputs.Add(output);
        graph.Nodes.Add(new Node("node", op, values, [output]));
        var executor = new FloatExecutor(graph);
        return executor.Run([.. inputs.OfType<Tensor>().Take(graph.Inputs.Count)])[0];
    }

    public static void AssertClose(float[] expected, Tensor actual, float tolerance = 1e-5f)
    {
        Assert.HasCount(expected.Length, actual.Floats);
        for (int i = 0; i < expected.Length; i++)
        {
            float allowed = tolerance * Math.Max(1, Math.Abs(expected[i]));
            Assert.IsTrue(
                expected[i].Equals(actual.Floats[i]) || Math.Abs(expected[i] - actual.Floats[i]) <= allowed,
                $"element {i} is {actual.Floats[i]}, expected {expected[i]}");
        }
    }
}
