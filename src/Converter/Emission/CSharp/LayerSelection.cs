using TinyInference.Converter.Lowering;

namespace TinyInference.Converter.Emission.CSharp;

/// <summary>Chooses the operators that become code: first those whose code runs most often, as far as the budget goes.</summary>
internal static class LayerSelection
{
    /// <returns>The layers with their methods, in execution order.</returns>
    public static List<(GeneratedLayer Layer, IReadOnlyList<MethodText> Methods)> Choose(BlobProgram program, CSharpOptions options)
    {
        var chosen = new List<(GeneratedLayer Layer, IReadOnlyList<MethodText> Methods)>();
        int mostOfMethod = Math.Min(options.MostIlBytes, 30_000);
        long left = options.BudgetIlBytes;
        // Chains come before the single layers that they are made of.
        IEnumerable<GeneratedLayer> candidates = PerceptronChain.FindAll(program).Concat(program.Operators.Select(TryCreate).OfType<GeneratedLayer>());
        var done = new HashSet<BlobOperator>();
        foreach (GeneratedLayer layer in candidates.OrderByDescending(l => l.Executions).ThenBy(l => l.Index))
        {
            if (layer.LeastIlBytes > left || layer.Operators.Any(done.Contains))
            {
                continue;
            }

            IReadOnlyList<MethodText> methods = layer.WriteMethods(mostOfMethod);
            int bytes = methods.Sum(m => m.IlBytes);
            if (bytes <= left && methods.All(m => m.IlBytes <= options.MostIlBytes))
            {
                left -= bytes;
                done.UnionWith(layer.Operators);
                chosen.Add((layer, methods));
            }
        }

        return [.. chosen.OrderBy(c => c.Layer.Index)];
    }

    private static GeneratedLayer? TryCreate(BlobOperator op, int index) => op.Kind switch
    {
        OperatorKind.FullyConnected when op.Output.Type != TensorType.Int8 => null,
        OperatorKind.FullyConnected or OperatorKind.Conv2D => MatrixLayer.TryCreate(op, index),
        OperatorKind.DepthwiseConv2D => DepthwiseLayer.TryCreate(op, index),
        OperatorKind.TreeEnsemble => TreeLayer.TryCreate(op, index),
        OperatorKind.Softmax => SoftmaxLayer.TryCreate(op, index),
        OperatorKind.LayerNorm => LayerNormLayer.TryCreate(op, index),
        _ => null,
    };
}
