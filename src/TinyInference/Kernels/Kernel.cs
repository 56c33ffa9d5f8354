namespace TinyInference;

/// <summary>Finds the kernel of an operator, once for each operator and run.</summary>
internal static class Kernel
{
    /// <summary>Checks an operator's tensors, parameters and weights, so that its kernel needs no checks.</summary>
    /// <exception cref="BlobException">The kernel could not run it safely.</exception>
    internal static void Validate(Operator op, BlobHeader header)
    {
        if (op.Encoding != WeightEncoding.Dense)
        {
            ValidateEncoded(op, header);
            return;
        }

        switch (op.Kind)
        {
            case OperatorKind.Conv2D:
                Conv2D.Validate(op, header);
                break;
            case OperatorKind.DepthwiseConv2D:
                DepthwiseConv2D.Validate(op, header);
                break;
            case OperatorKind.FullyConnected:
                FullyConnected.Validate(op, header);
                break;
            case OperatorKind.Add:
            case OperatorKind.Sub:
                Add.Validate(op);
                break;
            case OperatorKind.Mul:
                Mul.Validate(op);
                break;
            case OperatorKind.AveragePool2D:
            case OperatorKind.MaxPool2D:
                Pool2D.Validate(op);
                break;
            case OperatorKind.Mean:
                Mean.Validate(op);
                break;
            case OperatorKind.Pad:
                Pad.Validate(op);
                break;
            case OperatorKind.Concatenation:
                Concatenation.Validate(op);
                break;
            case OperatorKind.StridedCopy:
                StridedCopy.Validate(op);
                break;
            case OperatorKind.Lookup:
                Lookup.Validate(op);
                break;
            case OperatorKind.Softmax:
                Softmax.Validate(op);
                break;
            case OperatorKind.TransposeConv2D:
                TransposeConv2D.Validate(op, header);
                break;
            case OperatorKind.ResizeNearest:
                ResizeNearest.Validate(op);
                break;
            case OperatorKind.ResizeBilinear:
                ResizeBilinear.Validate(op);
                break;
            case OperatorKind.Gather:
                Gather.Validate(op);
                break;
            case OperatorKind.ArgMax:
                ArgMax.Validate(op);
                break;
            case OperatorKind.BatchMatMul:
                BatchMatMul.Validate(op, header);
                break;
            case OperatorKind.Embedding:
                Embedding.Validate(op);
                break;
            case OperatorKind.UnidirectionalSequenceLstm:
                Lstm.Validate(op, header);
                break;
            case OperatorKind.RecurrentCell:
                RecurrentCell.Validate(op, header);
                break;
            case OperatorKind.LayerNorm:
                LayerNorm.Validate(op);
                break;
            case OperatorKind.TreeEnsemble:
                TreeEnsemble.Validate(op, header);
                break;
            case OperatorKind.DynamicFullyConnected:
                DynamicFullyConnected.Validate(op, header);
                break;
            case OperatorKind.DynamicConv2D:
                DynamicConv2D.Validate(op, header);
                break;
            case OperatorKind.DynamicAdd:
                DynamicAdd.Validate(op, header);
                break;
            case OperatorKind.FixScale:
                FixScale.Validate(op);
                break;
            case OperatorKind.DynamicAveragePool2D:
                DynamicAveragePool2D.Validate(op, header);
                break;
            default:
                throw new BlobException(BlobError.UnknownOperator, op.Index);
        }
    }

    private static void ValidateEncoded(Operator op, BlobHeader header)
    {
        if (Sparse.Is(op))
        {
            ValidateSparse(op, header);
            return;
        }

        Check.Require(op.Encoding == WeightEncoding.Packed, BlobError.UnknownOperator, op);
        switch (op.Kind)
        {
            case OperatorKind.Conv2D:
                PackedConv2D.Validate(op, header);
                break;
            case OperatorKind.DepthwiseConv2D:
                Depthwise3x3.Validate(op);
                break;
            case OperatorKind.FullyConnected:
                PackedFullyConnected.Validate(op, header);
                break;
            case OperatorKind.UnidirectionalSequenceLstm:
                Lstm.Validate(op, header);
                break;
            case OperatorKind.RecurrentCell:
                RecurrentCell.Validate(op, header);
                break;
            default:
                throw new BlobException(BlobError.UnknownOperator, op.Index);
        }
    }

    private static void ValidateSparse(Operator op, BlobHeader header)
    {
        switch (op.Kind)
        {
            case OperatorKind.Conv2D:
                SparseConv2D.Validate(op, header);
                break;
            case OperatorKind.FullyConnected:
                SparseFullyConnected.Validate(op, header);
                break;
            default:
                throw new BlobException(BlobError.UnknownOperator, op.Index);
        }
    }

    /// <summary>Runs an operator that <see cref="Validate"/> has accepted.</summary>
    /// <param name="op">The operator, its weights at hand.</param>
    /// <param name="arena">All activations.</param>
    /// <param name="scratch32">As many as the header states.</param>
    /// <param name="scratch64">As many as the header states.</param>
    internal static void Run(Operator op, sbyte[] arena, int[] scratch32, long[] scratch64)
    {
        if (op.Encoding != WeightEncoding.Dense)
        {
            RunEncoded(op, arena, scratch32, scratch64);
            return;
        }

        switch (op.Kind)
        {
            case OperatorKind.Conv2D:
                Conv2D.Run(op, arena, scratch32);
                break;
            case OperatorKind.DepthwiseConv2D:
                DepthwiseConv2D.Run(op, arena, scratch32);
                break;
            case OperatorKind.FullyConnected:
                FullyConnected.Run(op, arena, scratch32);
                break;
            case OperatorKind.Add:
            case OperatorKind.Sub:
                Add.Run(op, arena);
                break;
            case OperatorKind.Mul:
                Mul.Run(op, arena);
                break;
            case OperatorKind.AveragePool2D:
                AveragePool2D.Run(op, arena);
                break;
            case OperatorKind.MaxPool2D:
                MaxPool2D.Run(op, arena);
                break;
            case OperatorKind.Mean:
                Mean.Run(op, arena);
                break;
            case OperatorKind.Pad:
                Pad.Run(op, arena);
                break;
            case OperatorKind.Concatenation:
                Concatenation.Run(op, arena);
                break;
            case OperatorKind.StridedCopy:
                StridedCopy.Run(op, arena);
                break;
            case OperatorKind.Lookup:
                Lookup.Run(op, arena);
                break;
            case OperatorKind.Softmax:
                Softmax.Run(op, arena, scratch32);
                break;
            case OperatorKind.TransposeConv2D:
                TransposeConv2D.Run(op, arena, scratch32);
                break;
            case OperatorKind.ResizeNearest:
                ResizeNearest.Run(op, arena);
                break;
            case OperatorKind.ResizeBilinear:
                ResizeBilinear.Run(op, arena);
                break;
            case OperatorKind.Gather:
                Gather.Run(op, arena);
                break;
            case OperatorKind.ArgMax:
                ArgMax.Run(op, arena);
                break;
            case OperatorKind.BatchMatMul:
                BatchMatMul.Run(op, arena, scratch32);
                break;
            case OperatorKind.Embedding:
                Embedding.Run(op, arena);
                break;
            case OperatorKind.UnidirectionalSequenceLstm:
                Lstm.Run(op, arena, scratch32, scratch64);
                break;
            case OperatorKind.RecurrentCell:
                RecurrentCell.Run(op, arena, scratch32, scratch64);
                break;
            case OperatorKind.LayerNorm:
                LayerNorm.Run(op, arena);
                break;
            case OperatorKind.TreeEnsemble:
                TreeEnsemble.Run(op, arena, scratch32);
                break;
            case OperatorKind.DynamicFullyConnected:
                DynamicFullyConnected.Run(op, arena, scratch32);
                break;
            case OperatorKind.DynamicConv2D:
                DynamicConv2D.Run(op, arena, scratch32);
                break;
            case OperatorKind.DynamicAdd:
                DynamicAdd.Run(op, arena, scratch32);
                break;
            case OperatorKind.FixScale:
                FixScale.Run(op, arena);
                break;
            case OperatorKind.DynamicAveragePool2D:
                DynamicAveragePool2D.Run(op, arena, scratch32);
                break;
        }
    }

    private static void RunEncoded(Operator op, sbyte[] arena, int[] scratch32, long[] scratch64)
    {
        switch (op.Kind)
        {
            case OperatorKind.Conv2D when Sparse.Is(op):
                SparseConv2D.Run(op, arena, scratch32, scratch64);
                break;
            case OperatorKind.FullyConnected when Sparse.Is(op):
                SparseFullyConnected.Run(op, arena, scratch32);
                break;
            case OperatorKind.Conv2D:
                PackedConv2D.Run(op, arena, scratch32, scratch64);
                break;
            case OperatorKind.DepthwiseConv2D:
                Depthwise3x3.Run(op, arena);
                break;
            case OperatorKind.FullyConnected:
                PackedFullyConnected.Run(op, arena, scratch32, scratch64);
                break;
            case OperatorKind.UnidirectionalSequenceLstm:
                Lstm.Run(op, arena, scratch32, scratch64);
                break;
            case OperatorKind.RecurrentCell:
                RecurrentCell.Run(op, arena, scratch32, scratch64);
                break;
        }
    }
}
