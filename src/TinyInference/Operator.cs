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

    /// <summary>The weights as 64-bit integers, for the encoding that stores them so; otherwise null.</summary>
    internal long[] PackedWeights;

    /// <summary>Where the weights are in the blob's weights section.</summary>
    internal int WeightsOffset;

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

    /// <summary>Bytes of the arena in which a convolution gathers windows; 0 where it reads them in place.</summary>
    public int PatchBytes
    {
        get
        {
            if (Kind != OperatorKind.Conv2D || Parameters[13] < 0)
            {
                return 0;
            }

            int window = WeightsLength / Biases.Length;
            return Encoding == WeightEncoding.Packed ? window * Parameters[14] : window;
        }
    }

    /// <summary>Takes <see cref="Weights"/> as 64-bit integers where the encoding stores them so.</summary>
    /// <param name="packed">As long as they need, or longer.</param>
    internal void Unpack(long[] packed)
    {
        PackedWeights = packed;
        int from = WeightsStart;
        for (int i = 0; i < WeightsLength >> 3; i++)
        {
            packed[i] = BitConverter.ToInt64(Weights, from);
            from += 8;
        }
    }

    /// <summary>Whether the blob holds 64-bit integers as weights.</summary>
    internal bool HasPackedWeights => Encoding == WeightEncoding.Packed && Kind == OperatorKind.FullyConnected;
}
