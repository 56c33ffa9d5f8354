namespace TinyInference.Converter.Lowering;

using TinyInference.Converter.Graphs;

/// <summary>Turns a quantized graph into the operators of a blob, with exactly TensorFlow Lite's integer arithmetic.</summary>
internal static class Lowerer
{
    private static readonly Dictionary<Type, Action<LoweringContext, Node>> s_methods = new()
    {
        [typeof(Conv2D)] = Convolutions.LowerConv2D,
        [typeof(DepthwiseConv2D)] = Convolutions.LowerDepthwiseConv2D,
        [typeof(TransposeConv2D)] = Convolutions.LowerTransposeConv2D,
        [typeof(FullyConnected)] = Matrices.LowerFullyConnected,
        [typeof(MatMul)] = Matrices.LowerMatMul,
        [typeof(Recurrent)] = Recurrents.LowerRecurrent,
        [typeof(Binary)] = Elementwise.LowerBinary,
        [typeof(Unary)] = Elementwise.LowerUnary,
        [typeof(PRelu)] = Elementwise.LowerPRelu,
        [typeof(Quantize)] = Elementwise.LowerQuantize,
        [typeof(Dequantize)] = Elementwise.LowerQuantize,
        [typeof(Pool2D)] = Pools.LowerPool2D,
        [typeof(Reduce)] = Reductions.LowerReduce,
        [typeof(ArgMax)] = Reductions.LowerArgMax,
        [typeof(Softmax)] = Reductions.LowerSoftmax,
        [typeof(LayerNorm)] = LayerNorms.LowerLayerNorm,
        [typeof(Reshape)] = Copies.LowerReshape,
        [typeof(Identity)] = Copies.LowerReshape,
        [typeof(Cast)] = Copies.LowerCast,
        [typeof(Transpose)] = Copies.LowerTranspose,
        [typeof(Slice)] = Copies.LowerSlice,
        [typeof(Concat)] = Copies.LowerConcat,
        [typeof(Pad)] = Copies.LowerPad,
        [typeof(Gather)] = Copies.LowerGather,
        [typeof(Resize)] = Resizes.LowerResize,
        [typeof(TreeEnsemble)] = Trees.LowerTreeEnsemble,
    };

    /// <param name="graph">Every activation Int8 with quantization parameters, or plain Int32.</param>
    /// <exception cref="InputException">Names every node that cannot be expressed in a blob, and why.</exception>
    public static BlobProgram Lower(Graph graph)
    {
        var program = new BlobProgram { Name = graph.Name };
        var context = new LoweringContext(program);
        var problems = new List<string>();
        foreach ((string key, string value) in graph.Metadata)
        {
            program.Metadata.Add(key, value);
        }

        foreach (Value input in graph.Inputs)
        {
            Try(problems, $"input '{input.Name}'", () => program.Inputs.Add(context.DefineAny(input)));
        }

        var failed = new HashSet<Value>();
        foreach (Node node in graph.Nodes)
        {
            // What depends on a node that was named already is not at fault itself.
            if (node.Inputs.Any(i => i is not null && failed.Contains(i)) || !Try(problems, node.ToString(), () => LowerNode(context, node)))
            {
                failed.UnionWith(node.Outputs);
            }
        }

        foreach (Value output in graph.Outputs.Where(o => !failed.Contains(o)))
        {
            Try(problems, $"output '{output.Name}'", () => program.Outputs.Add(context.AnyTensor(output)));
        }

        if (problems.Count > 0)
        {
            throw new InputException($"{(graph.Name.Length == 0 ? "the network" : graph.Name)} cannot be converted:\n  " + string.Join("\n  ", problems));
        }

        return program;
    }

    private static void LowerNode(LoweringContext context, Node node)
    {
        if (!s_methods.TryGetValue(node.Operator.GetType(), out Action<LoweringContext, Node>? lower))
        {
            throw new UnsupportedException("the runtime has no such operator");
        }

        if (node.Output.HasDynamicScale || node.Inputs.Any(i => i is { HasDynamicScale: true }))
        {
            DynamicOperators.Lower(context, node, lower);
            return;
        }

        lower(context, node);
    }

    private static bool Try(List<string> problems, string where, Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (UnsupportedException e)
        {
            problems.Add($"{where}: {e.Message}");
            return false;
        }
    }
}
