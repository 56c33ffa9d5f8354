using TinyInference.Converter.Lowering;

namespace TinyInference.Converter.Planning.Patches;

/// <summary>Rows From to To - 1 of an image.</summary>
internal readonly record struct RowRange(int From, int To)
{
    public int Count => To - From;

    public RowRange Union(RowRange other) => new(Math.Min(From, other.From), Math.Max(To, other.To));
}

/// <summary>What is known of an operator on images [1, H, W, C] that can compute some rows of its output from some rows of its inputs.</summary>
internal static class RowOperator
{
    private const int TileParameter = 14;

    /// <summary>Whether the operator can be cut into stripes.</summary>
    public static bool Is(BlobOperator op) => IsImage(op.Output) && op.Inputs.All(IsImage) && op.Kind switch
    {
        OperatorKind.Conv2D or OperatorKind.DepthwiseConv2D or OperatorKind.AveragePool2D or OperatorKind.MaxPool2D => true,
        OperatorKind.Lookup => true,
        OperatorKind.LayerNorm => op.Parameters[1] == op.Output.Shape[3],
        OperatorKind.Add or OperatorKind.Sub or OperatorKind.Mul => IsElementwise(op),
        _ => false,
    };

    /// <summary>The rows of every input that <paramref name="rows"/> of the output need; null where a window lies wholly in padding.</summary>
    public static RowRange? Needed(BlobOperator op, RowRange rows)
    {
        if (PadTopParameter(op) is not { } padAt)
        {
            return rows;
        }

        int[] p = op.Parameters;
        int kernel = p[0];
        int dilation = padAt == 4 ? 1 : p[4];
        long first = ((long)rows.From * p[2]) - p[padAt];
        long end = ((rows.To - 1L) * p[2]) - p[padAt] + ((kernel - 1L) * dilation) + 1;
        int height = op.Inputs[0].Shape[1];
        var needed = new RowRange((int)Math.Clamp(first, 0, height), (int)Math.Clamp(end, 0, height));
        return needed.Count > 0 ? needed : null;
    }

    /// <summary>The operator for <paramref name="rows"/> of its output, computed from exactly the rows that <see cref="Needed"/> says.</summary>
    /// <param name="inputs">Those rows.</param>
    /// <param name="output">Where the rows go.</param>
    public static BlobOperator Stripe(BlobOperator op, string name, RowRange rows, BlobTensor[] inputs, BlobTensor output)
    {
        int[] p = (int[])op.Parameters.Clone();
        int patch = op.PatchBytes;
        if (PadTopParameter(op) is { } padAt)
        {
            p[padAt] = Math.Max(0, p[padAt] - (rows.From * p[2]));
        }
        else if (op.Kind == OperatorKind.LayerNorm)
        {
            p[0] = output.Shape.ElementCount / p[1];
        }
        else if (op.Kind != OperatorKind.Lookup)
        {
            // One dimension, of all elements: docs/SPEC.md, "broadcast".
            p[^3] = output.Shape.ElementCount;
        }

        if (op.Kind == OperatorKind.Conv2D && op.Encoding != WeightEncoding.Dense)
        {
            // Tiles of one size: the last one is not left with a few positions.
            int positions = output.Shape[1] * output.Shape[2];
            int tiles = (positions + p[TileParameter] - 1) / p[TileParameter];
            int tile = (positions + tiles - 1) / tiles;
            patch = patch / p[TileParameter] * tile;
            p[TileParameter] = tile;
        }

        return op.With(name, inputs, output, p, patch);
    }

    /// <summary>Multiplications with accumulation.</summary>
    public static long Macs(BlobOperator op)
    {
        int[] p = op.Parameters;
        return op.Kind switch
        {
            OperatorKind.Conv2D => (long)op.Output.Shape.ElementCount * p[0] * p[1] * (op.Inputs[0].Shape[3] / p[12]),
            OperatorKind.DepthwiseConv2D => (long)op.Output.Shape.ElementCount * p[0] * p[1],
            OperatorKind.FullyConnected => (long)op.Output.Shape.ElementCount * p[0],
            _ => 0,
        };
    }

    private static int? PadTopParameter(BlobOperator op) => op.Kind switch
    {
        OperatorKind.Conv2D or OperatorKind.DepthwiseConv2D => 6,
        OperatorKind.AveragePool2D or OperatorKind.MaxPool2D => 4,
        _ => null,
    };

    private static bool IsImage(BlobTensor tensor) => tensor.Shape.Rank == 4 && tensor.Shape[0] == 1 && tensor.Type == TensorType.Int8 && !tensor.IsState;

    /// <summary>Two operands, both as large as the output: rank 1, the elements, strides 1 and 1.</summary>
    private static bool IsElementwise(BlobOperator op) =>
        op.Inputs.Length == 2 && op.Inputs.All(t => t.Shape.Equals(op.Output.Shape)) && op.Parameters is [.., 1, _, 1, 1];
}
