using TinyInference.Converter.Execution.Kernels;

namespace TinyInference.Converter.Execution;

using TinyInference.Converter.Graphs;

/// <summary>Which kernel computes which operator.</summary>
internal static class KernelTable
{
    private static readonly Dictionary<Type, KernelFactory> s_factories = new()
    {
        [typeof(Conv2D)] = Conv2DKernel.Make,
        [typeof(DepthwiseConv2D)] = DepthwiseConv2DKernel.Make,
        [typeof(TransposeConv2D)] = TransposeConv2DKernel.Make,
        [typeof(FullyConnected)] = FullyConnectedKernel.Make,
        [typeof(MatMul)] = MatMulKernel.Make,
        [typeof(Recurrent)] = RecurrentKernel.Make,
        [typeof(Binary)] = BinaryKernel.Make,
        [typeof(Unary)] = UnaryKernel.Make,
        [typeof(PRelu)] = PReluKernel.Make,
        [typeof(Pool2D)] = Pool2DKernel.Make,
        [typeof(Reduce)] = ReduceKernel.Make,
        [typeof(Pad)] = PadKernel.Make,
        [typeof(Concat)] = ConcatKernel.Make,
        [typeof(Reshape)] = CopyKernel.Make,
        [typeof(Transpose)] = TransposeKernel.Make,
        [typeof(Slice)] = SliceKernel.Make,
        [typeof(Softmax)] = SoftmaxKernel.Make,
        [typeof(BatchNorm)] = BatchNormKernel.Make,
        [typeof(LayerNorm)] = LayerNormKernel.Make,
        // Reals flow: rounding to the output's grid follows every kernel.
        [typeof(Quantize)] = CopyKernel.Make,
        [typeof(Dequantize)] = CopyKernel.Make,
        [typeof(Resize)] = ResizeKernel.Make,
        [typeof(Gather)] = GatherKernel.Make,
        [typeof(ArgMax)] = ArgMaxKernel.Make,
        [typeof(Cast)] = CastKernel.Make,
        [typeof(Identity)] = CopyKernel.Make,
        [typeof(TreeEnsemble)] = TreeEnsembleKernel.Make,
    };

    /// <exception cref="InvalidOperationException">A stated shape is not what the operator computes.</exception>
    /// <exception cref="InputException">The element types of the node's tensors are not supported.</exception>
    public static Kernel Make(Node node, Tensor?[] constants)
    {
        Check.That(node, node.Outputs.Count == 1, $"{node.Outputs.Count} outputs");
        return s_factories.TryGetValue(node.Operator.GetType(), out KernelFactory? make)
            ? make(node, constants)
            : throw new InvalidOperationException($"{node}: no kernel");
    }
}
