using System.Numerics;
using TinyInference.Converter.Numerics;

namespace TinyInference.Converter.Lowering;

using TinyInference.Converter.Graphs;

/// <summary>TREE_ENSEMBLE.</summary>
internal static class Trees
{
    /// <summary>Bits of a tree's first node in its entry; above them is its output.</summary>
    public const int RootBits = 20;

    private const int MostOutputs = 1 << (32 - RootBits);
    private const int MostNodes = (1 << RootBits) - 1;
    private const int LeafBits = 16;

    public static void LowerTreeEnsemble(LoweringContext context, Node node)
    {
        var ensemble = (TreeEnsemble)node.Operator;
        BlobTensor x = context.AnyTensor(node.Input(0));
        if (node.Output.Type != ElementType.Int32 || node.Output.Quantization is not { IsPerTensor: true } scores)
        {
            throw new UnsupportedException("its output is not quantized");
        }

        if (x.Shape.ElementCount != ensemble.Features)
        {
            throw new UnsupportedException($"its input {x.Shape} is {x.Shape.ElementCount / Math.Max(1, ensemble.Features)} samples; one at a time can be decided");
        }

        if (ensemble.Outputs > MostOutputs)
        {
            throw new UnsupportedException($"it has {ensemble.Outputs} outputs; at most {MostOutputs} are possible");
        }

        var writer = new TreeWriter(ensemble, Thresholds(x), scores.Scale);
        if (writer.Nodes.Count > MostNodes)
        {
            throw new UnsupportedException($"it has {writer.Nodes.Count} nodes; at most {MostNodes} are possible");
        }

        bool isInt8 = x.Type == TensorType.Int8;
        int[] table = isInt8 ? [] : [.. writer.Nodes.Where(n => n.Distance > 0).Select(n => n.Value).Distinct().Order().DefaultIfEmpty(0)];
        int featureBits = Bits(ensemble.Features - 1);
        int leafBits = writer.Rows.Count == 0 ? LeafBits : Bits(writer.Rows.Count - 1);
        int thresholdBits = Math.Max(isInt8 ? 8 : Math.Max(1, Bits(table.Length - 1)), leafBits - featureBits);
        int distance = writer.Nodes.Max(n => n.Distance);
        if (featureBits + thresholdBits + Bits(distance) > 32 || featureBits + thresholdBits > 31)
        {
            throw new UnsupportedException($"a tree of {ensemble.Features} inputs and {table.Length} thresholds has a part of {distance} nodes, which does not fit its node of 32 bits; use smaller trees");
        }

        int Pack(TreeWriter.Entry n) => n.Distance == 0
            ? n.Value & (int)((1L << (featureBits + thresholdBits)) - 1)
            : n.Feature | (((isInt8 ? n.Value : Array.BinarySearch(table, n.Value)) & ((1 << thresholdBits) - 1)) << featureBits) | (n.Distance << (featureBits + thresholdBits));

        context.Add(new BlobOperator(OperatorKind.TreeEnsemble, node.Name, [x], context.DefineScores(node.Output))
        {
            Parameters = [ensemble.Trees.Length, table.Length, featureBits, thresholdBits, writer.Rows.Count],
            Biases = [.. ensemble.Base.Select(b => (int)Math.Round(b / (double)scores.Scale)), .. writer.Entries, .. table, .. writer.Nodes.Select(Pack)],
            Weights = [.. writer.Rows.SelectMany(r => r).SelectMany(v => new[] { (sbyte)v, (sbyte)(v >> 8) })],
            Scratch32 = ensemble.Outputs,
        });
    }

    /// <summary>Makes of a threshold the greatest integer of <paramref name="x"/> whose real does not exceed it; with the answer where it is the same for all integers.</summary>
    private static Func<float, (int Value, bool? Always)> Thresholds(BlobTensor x)
    {
        if (x.Type == TensorType.Float32)
        {
            return t => (FloatOrder.Key(t), null);
        }

        (int least, int most) = x.Type == TensorType.Int8 ? (sbyte.MinValue, sbyte.MaxValue) : ((int)short.MinValue, (int)short.MaxValue);
        return t =>
        {
            int q = (int)Math.Clamp(Math.Floor(t / (double)x.Scale) + x.ZeroPoint, least - 1, most);

            // The reals that the integers stand for are products in single precision.
            while (q < most && x.Scale * (q + 1 - x.ZeroPoint) <= t)
            {
                q++;
            }

            while (q >= least && x.Scale * (q - x.ZeroPoint) > t)
            {
                q--;
            }

            return (q, q < least ? false : q == most ? true : null);
        };
    }

    /// <summary>Bits of an index up to <paramref name="largest"/>; 0 where there is only one.</summary>
    private static int Bits(int largest) => 32 - BitOperations.LeadingZeroCount((uint)largest);
}
