using System.Buffers.Binary;
using TinyInference.Converter.Planning;

namespace TinyInference.Converter.Lowering;

/// <summary>What a blob is made for, where its kernels leave a choice.</summary>
internal enum KernelPreference
{
    /// <summary>
    /// The fastest kernels that cost neither bytes of the blob nor more RAM than <see cref="KernelSelection.ScratchBytes"/>; weights that are mostly 0 are
    /// stored sparse where that is smaller.
    /// </summary>
    Balanced,

    /// <summary>The fastest kernels, and so weights of fully connected layers too stored packed, 8 bytes for 3 of them, unless what is left of them is faster.</summary>
    Speed,

    /// <summary>The plain kernels.</summary>
    Plain,
}

/// <summary>
/// Chooses the kernel of each convolution and fully connected layer, and how its weights are stored. What the choice gives is
/// docs/SPEC.md's "Packed sums" and "Sparse weights"; it never changes a result.
/// </summary>
internal static class KernelSelection
{
    /// <summary>The most that packed kernels take beside the arena, whatever the network.</summary>
    public const int ScratchBytes = 1024;

    /// <summary>scratch64 (16 + 40) * 8 and scratch32 3 * 40 * 4 stay below <see cref="ScratchBytes"/>.</summary>
    private const int MostTile = 40;

    /// <summary>Weights that the kernels take at a time.</summary>
    private const int Chunk = 16;

    /// <summary>Below so many channels of input, windows are gathered: a kernel element alone would be too few terms.</summary>
    private const int FewChannels = 8;

    /// <summary>Below so many output positions, packing the weights costs more than it saves.</summary>
    public const int FewPositions = 4;

    public static void Apply(BlobProgram program, KernelPreference preference)
    {
        if (preference == KernelPreference.Plain)
        {
            return;
        }

        MemoryPlan plain = MemoryPlanner.Plan(program, PlanEffort.WithoutOverlays);
        for (int i = 0; i < program.Operators.Count; i++)
        {
            BlobOperator op = program.Operators[i];
            switch (op.Kind)
            {
                case OperatorKind.Conv2D:
                    int freeBytes = plain.ArenaBytes - plain.LiveBytesPerOperator[i] + op.PatchBytes;
                    if (!SparseSelection.TryConv2D(op, preference, freeBytes))
                    {
                        ChooseConv2D(op, freeBytes);
                    }

                    break;
                case OperatorKind.DepthwiseConv2D when op.Parameters is [3, 3, _, _, 1, 1, _, _, _, _, _, _, 1]:
                    op.Encoding = WeightEncoding.Packed;
                    op.Scratch32 = 0;
                    break;
                case OperatorKind.FullyConnected:
                    if ((op.Output.Type != TensorType.Int8 || !SparseSelection.TryFullyConnected(op, preference)) && preference == KernelPreference.Speed)
                    {
                        PackFullyConnected(op);
                    }

                    break;
                case OperatorKind.UnidirectionalSequenceLstm or OperatorKind.RecurrentCell when preference == KernelPreference.Speed:
                    PackRecurrent(op);
                    break;
            }
        }
    }

    /// <param name="freeBytes">Of the arena, while the operator runs: its patch must not raise the peak.</param>
    private static void ChooseConv2D(BlobOperator op, int freeBytes)
    {
        int outputs = op.Output.Shape[3];
        int positions = op.Output.Shape[1] * op.Output.Shape[2];
        int window = op.Weights.Length / outputs;
        int groupInputs = window / (op.Parameters[0] * op.Parameters[1]);
        if (positions < FewPositions)
        {
            return;
        }

        bool gathers = groupInputs < FewChannels && window > groupInputs;
        int tile = MostTile;
        if (gathers)
        {
            tile = Math.Min(tile, freeBytes / window);
            if (tile < FewPositions)
            {
                return;
            }
        }

        // Tiles of one size: the last one is not left with a few positions.
        int tiles = (positions + tile - 1) / tile;
        tile = (positions + tiles - 1) / tiles;
        op.Encoding = WeightEncoding.Packed;
        op.PatchBytes = gathers ? tile * window : 0;
        op.Parameters = [.. op.Parameters, tile, Span(op.Weights, outputs, window)];
        op.Scratch32 = 3 * tile;
        op.Scratch64 = Chunk + tile;
    }

    private static void PackFullyConnected(BlobOperator op)
    {
        int length = op.Parameters[0];
        int outputs = op.Biases.Length;
        int triples = (outputs + 2) / 3;
        int tile = Math.Min(MostTile, triples);
        op.Parameters = [.. op.Parameters, tile, Span(op.Weights, outputs, length)];
        op.Weights = Pack(op.Weights, outputs, length);
        op.Encoding = WeightEncoding.Packed;
        op.Scratch32 = 3 * tile;
        op.Scratch64 = Chunk + tile;
    }

    /// <summary>The weights of the input and those of the state, each packed; all channels at a time.</summary>
    private static void PackRecurrent(BlobOperator op)
    {
        int inputs = op.Parameters[2];
        int units = op.Parameters[3];
        int channels = op.Biases.Length / 2;
        sbyte[] fromInput = op.Weights[..(channels * inputs)];
        sbyte[] fromState = op.Weights[(channels * inputs)..];
        op.Parameters = [.. op.Parameters, Math.Min(Span(fromInput, channels, inputs), Span(fromState, channels, units))];
        op.Weights = [.. Pack(fromInput, channels, inputs), .. Pack(fromState, channels, units)];
        op.Encoding = WeightEncoding.Packed;
        op.Scratch64 = Chunk + ((channels + 2) / 3);
    }

    /// <summary>Weights [outputs, length] as docs/SPEC.md's "Packed sums" has them for kind 3.</summary>
    private static sbyte[] Pack(sbyte[] weights, int outputs, int length)
    {
        int triples = (outputs + 2) / 3;
        int rows = (length + Chunk - 1) / Chunk * Chunk;
        var packed = new sbyte[checked(triples * rows * sizeof(long))];
        Span<byte> bytes = System.Runtime.InteropServices.MemoryMarshal.AsBytes(packed.AsSpan());
        for (int triple = 0; triple < triples; triple++)
        {
            for (int k = 0; k < length; k++)
            {
                long sum = 0;
                for (int part = Math.Min(2, outputs - 1 - (3 * triple)); part >= 0; part--)
                {
                    sum += (long)weights[(((3 * triple) + part) * length) + k] << (21 * part);
                }

                BinaryPrimitives.WriteInt64LittleEndian(bytes[(((triple * rows) + k) * sizeof(long))..], sum);
            }
        }

        return packed;
    }

    /// <summary>Of all output channels the smallest <see cref="WeightSpan"/>.</summary>
    private static int Span(sbyte[] weights, int outputs, int length)
        => Math.Max(Chunk, Math.Min(length, Enumerable.Range(0, outputs).Min(o => WeightSpan.Of(weights, o * length, 1, length))));
}
