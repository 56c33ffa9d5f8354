using System;

namespace TinyInference;

/// <summary>One step of a model: a kernel's kind, its tensors, parameters and weights, as docs/SPEC.md lists them.</summary>
public sealed class Operator
{
    // Fields and not properties: on the device a property read is a call, and a call costs 15 times a field.
    internal int[] Parameters;
    internal int[] Biases;
    internal int[] Multipliers;
    internal sbyte[] Shifts;

    /// <summary>Holds the weights while the operator runs, from <see cref="WeightsStart"/> on.</summary>
    internal byte[] Weights;

    internal int WeightsStart;

    /// <summary>The weights as 64-bit integers, for the kernels that want them so; otherwise null.</summary>
    internal long[] PackedWeights;

    /// <summary>Where the weights are in the blob's weights section.</summary>
    internal int WeightsOffset;

    /// <summary>The earlier operator whose weights this one uses too; otherwise null.</summary>
    internal Operator WeightsOwner;

    internal Operator(int index, OperatorKind kind, int encoding, Tensor[] inputs, Tensor[] outputs)
    {
        Index = index;
        Kind = kind;
        Encoding = encoding;
        Inputs = inputs;
        Outputs = outputs;
    }

    /// <summary>Position in execution order, from 0.</summary>
    public int Index { get; }

    /// <summary>What the operator computes.</summary>
    public OperatorKind Kind { get; }

    /// <summary>How the weights are stored; 0 dense.</summary>
    public int Encoding { get; }

    /// <summary>The tensors that it reads; not to be changed.</summary>
    public Tensor[] Inputs { get; }

    /// <summary>The tensors that it writes; not to be changed.</summary>
    public Tensor[] Outputs { get; }

    /// <summary>Bytes of the weights.</summary>
    public int WeightsLength { get; internal set; }

    /// <summary>Whether the weights are those of an operator before.</summary>
    public bool SharesWeights => WeightsOwner is not null;

    /// <summary>Bytes of the arena in which a convolution gathers windows; 0 where it reads them in place.</summary>
    public int PatchBytes
    {
        get
        {
            if (Kind == OperatorKind.DynamicConv2D)
            {
                return RowLength;
            }

            if (Kind != OperatorKind.Conv2D || Parameters[13] < 0)
            {
                return 0;
            }

            return Encoding == WeightEncoding.Dense ? RowLength : RowLength * Parameters[14];
        }
    }

    /// <summary>Weights that one output channel of a convolution (depthwise: kernel) or fully connected layer has when all are stored; 0 for other kinds.</summary>
    public int RowLength
    {
        get
        {
            switch (Kind)
            {
                case OperatorKind.Conv2D:
                case OperatorKind.TransposeConv2D:
                case OperatorKind.DynamicConv2D:
                    return Parameters[0] * Parameters[1] * (Inputs[0].Dimensions[3] / Parameters[12]);
                case OperatorKind.DepthwiseConv2D:
                    return Parameters[0] * Parameters[1];
                case OperatorKind.FullyConnected:
                case OperatorKind.DynamicFullyConnected:
                    return Parameters[0];
                case OperatorKind.UnidirectionalSequenceLstm:
                case OperatorKind.RecurrentCell:
                    return Parameters[GateSums.Inputs] + Parameters[GateSums.Units];
                default:
                    return 0;
            }
        }
    }

    /// <summary>Rows of <see cref="RowLength"/> weights that a recurrent layer has, in all its gates; 0 for other kinds.</summary>
    public int RowCount => IsRecurrent ? Biases.Length / 2 : 0;

    /// <summary>Trees of an ensemble; 0 for other kinds.</summary>
    public int TreeCount => Kind == OperatorKind.TreeEnsemble ? Parameters[0] : 0;

    /// <summary>Questions and leaves of all trees of an ensemble; 0 for other kinds.</summary>
    public int TreeNodeCount => Kind == OperatorKind.TreeEnsemble ? Biases.Length - Outputs[0].ElementCount - Parameters[0] - Parameters[1] : 0;

    /// <summary>Checks weights that have come, as far as the plan could not tell, and takes them as 64-bit integers where the kernel wants them so.</summary>
    /// <param name="packed"><see cref="PackedCount"/> integers or more to use; null for new ones.</param>
    /// <exception cref="BlobException">A sparse table leads outside.</exception>
    internal void AcceptWeights(long[] packed)
    {
        if (Sparse.Is(this))
        {
            Sparse.CheckTable(this);
        }

        if (PackedCount == 0)
        {
            return;
        }

        packed = packed is null ? new long[PackedCount] : packed;
        PackedWeights = packed;
        if (Encoding == WeightEncoding.SparseBlocks)
        {
            Sparse.Unpack(this, packed);
            return;
        }

        int from = WeightsStart;
        for (int i = 0; i < WeightsLength >> 3; i++)
        {
            packed[i] = BitConverter.ToInt64(Weights, from);
            from += 8;
        }
    }

    /// <summary>Whether the blob holds 64-bit integers as weights.</summary>
    internal bool HasPackedWeights => Encoding == WeightEncoding.Packed && (Kind == OperatorKind.FullyConnected || IsRecurrent);

    private bool IsRecurrent => Kind == OperatorKind.UnidirectionalSequenceLstm || Kind == OperatorKind.RecurrentCell;

    /// <summary>How many 64-bit integers the kernel wants the weights as.</summary>
    internal int PackedCount
    {
        get
        {
            if (HasPackedWeights)
            {
                return WeightsLength >> 3;
            }

            return Encoding == WeightEncoding.SparseBlocks && Kind == OperatorKind.FullyConnected ? Sparse.Entries(this) : 0;
        }
    }
}
