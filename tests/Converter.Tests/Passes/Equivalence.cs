using TinyInference.Converter.Execution;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Passes;

namespace Converter.Tests.Passes;

/// <summary>Runs passes, and checks that the graph is sound afterwards and computes what it computed before.</summary>
internal static class Equivalence
{
    /// <returns>Number of changes.</returns>
    public static int Check(IGraphPass pass, Graph graph, float tolerance = 1e-4f, int seed = 3)
    {
        int changes = 0;
        Check(graph, g => changes = pass.Apply(g), tolerance, seed);
        return changes;
    }

    public static void Check(Graph graph, Action<Graph> change, float tolerance = 1e-4f, int seed = 3)
    {
        GraphValidator.Validate(graph);
        Tensor[] inputs = [.. graph.Inputs.Select(i => RandomInput(i, new Random(seed)))];
        string[] names = [.. graph.Outputs.Select(o => o.Name)];
        Graph before = graph.Clone();
        Tensor[] expected = new FloatExecutor(before).Run(inputs);

        change(graph);

        GraphValidator.Validate(graph);
        CollectionAssert.AreEqual(names, graph.Outputs.Select(o => o.Name).ToArray(), "outputs have other names");
        for (int i = 0; i < inputs.Length; i++)
        {
            inputs[i] = Laid(before, graph, graph.Inputs[i], inputs[i]);
        }

        Tensor[] actual = new FloatExecutor(graph).Run(inputs);
        for (int i = 0; i < expected.Length; i++)
        {
            AssertClose(Laid(before, graph, graph.Outputs[i], expected[i]), actual[i], tolerance, graph.Outputs[i].Name);
        }
    }

    public static Tensor RandomInput(Value input, Random random) => new(input.Shape, random.Floats(input.Shape.ElementCount));

    /// <summary>A tensor of <paramref name="before"/> in the order of dimensions that <paramref name="value"/> of <paramref name="after"/> has.</summary>
    private static Tensor Laid(Graph before, Graph after, Value value, Tensor tensor)
    {
        int[] same = [.. Enumerable.Range(0, tensor.Shape.Rank)];
        int[] old = LayoutMetadata.Of(before, value) ?? same;
        return Permutation.Apply(Permutation.Then(Permutation.Inverse(old), LayoutMetadata.Of(after, value) ?? same), tensor);
    }

    private static void AssertClose(Tensor expected, Tensor actual, float tolerance, string name)
    {
        Assert.AreEqual(expected.Shape, actual.Shape, name);
        float[] left = expected.ToFloats();
        float[] right = actual.ToFloats();
        // Relative to the largest element: sums of large terms may be small.
        float largest = Math.Max(1, left.Where(float.IsFinite).Select(Math.Abs).DefaultIfEmpty().Max());
        for (int i = 0; i < left.Length; i++)
        {
            Assert.IsTrue(left[i].Equals(right[i]) || Math.Abs(left[i] - right[i]) <= tolerance * largest, $"{name}[{i}] is {right[i]}, expected {left[i]}");
        }
    }
}
