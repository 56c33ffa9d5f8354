using System;

namespace TinyInference;

/// <summary>Kernels in C, where the firmware was built with them (firmware/Native): whether they are there, and how operators are handed to them.</summary>
internal static class NativeCalls
{
    private const int Done = 0;

    private static readonly byte[] s_noWeights = new byte[1];

    /// <summary>The native kernels, or null on the desktop and in firmware without them.</summary>
    internal static NativeKernel Find()
    {
#if NANOFRAMEWORK_1_0
        try
        {
            // No operator has kind 0: this only asks whether anyone is there.
            NativeKernels.Run(new int[16], new sbyte[0], s_noWeights, new int[0], new int[0], new sbyte[0], new int[0]);
            return NativeKernels.Run;
        }
        catch (NotSupportedException)
        {
            return null;
        }
#else
        return null;
#endif
    }

    /// <summary>What native kernels are told of each operator; null for those that only managed kernels can run.</summary>
    internal static int[][] DescribeAll(Operator[] operators)
    {
        var calls = new int[operators.Length][];
        for (int i = 0; i < calls.Length; i++)
        {
            calls[i] = HasKernel(operators[i]) ? Describe(operators[i]) : null;
        }

        return calls;
    }

    internal static void Run(NativeKernel native, int[] call, Operator op, sbyte[] arena)
    {
        byte[] weights = op.Weights is null ? s_noWeights : op.Weights;
        if (native(call, arena, weights, op.Biases, op.Multipliers, op.Shifts, op.Parameters) != Done)
        {
            throw new BlobException(BlobError.UnknownOperator, op.Index);
        }
    }

    private static bool HasKernel(Operator op)
    {
        if (Sparse.Is(op))
        {
            return false;
        }

        switch (op.Kind)
        {
            case OperatorKind.Conv2D:
            case OperatorKind.DepthwiseConv2D:
            case OperatorKind.Add:
            case OperatorKind.Sub:
            case OperatorKind.Mul:
            case OperatorKind.AveragePool2D:
            case OperatorKind.MaxPool2D:
            case OperatorKind.Mean:
            case OperatorKind.Lookup:
            case OperatorKind.Softmax:
                return true;
            case OperatorKind.FullyConnected:
                return !op.HasPackedWeights && op.Outputs[0].Type == TensorType.Int8;
            default:
                return false;
        }
    }

    /// <summary>The members of tinf_call (firmware/Native/tinf.h), in its order.</summary>
    private static int[] Describe(Operator op)
    {
        Tensor x = op.Inputs[0];
        Tensor y = op.Outputs[0];
        int[] from = x.Dimensions;
        int[] to = y.Dimensions;
        bool images = from.Length == 4 && to.Length == 4;
        return new int[]
        {
            (int)op.Kind,
            op.WeightsStart,
            op.Biases.Length,
            op.Multipliers.Length,
            x.ArenaOffset,
            x.ElementCount,
            op.Inputs.Length > 1 ? op.Inputs[1].ArenaOffset : -1,
            y.ArenaOffset,
            y.ElementCount,
            images ? from[0] : 0,
            images ? from[1] : 0,
            images ? from[2] : 0,
            images ? from[3] : 0,
            images ? to[1] : 0,
            images ? to[2] : 0,
            images ? to[3] : 0,
        };
    }
}
