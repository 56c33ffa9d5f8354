namespace TinyInference.Converter.Execution.Kernels;

using TinyInference.Converter.Graphs;

/// <summary>TreeEnsemble, row by row.</summary>
internal static class TreeEnsembleKernel
{
    public static Kernel Make(Node node, Tensor?[] constants)
    {
        Check.Reals(node);
        var ensemble = (TreeEnsemble)node.Operator;
        Shape shape = node.Input(0).Shape;
        Check.That(node, shape.Rank > 0 && shape[-1] == ensemble.Features, $"{ensemble.Features} features for input {shape}");
        Check.Output(node, shape.With(-1, ensemble.Outputs).AsSpan());
        int rows = ensemble.Features == 0 ? 0 : shape.ElementCount / ensemble.Features;
        return (inputs, output) =>
        {
            for (int i = 0; i < rows; i++)
            {
                ensemble.Predict(inputs[0]!.Floats.AsSpan(i * ensemble.Features, ensemble.Features), output.Floats.AsSpan(i * ensemble.Outputs, ensemble.Outputs));
            }
        };
    }
}
