namespace TinyInference.Converter.Import.TfLite;

using TinyInference.Converter.Graphs;

/// <summary>RESIZE_NEAREST_NEIGHBOR and RESIZE_BILINEAR. Inputs x [N,H,W,C], size [2] (height, width).</summary>
internal static class ResizeOperators
{
    /// <summary>With half pixels TensorFlow Lite takes floor((i + 0.5) / s), which is (i + 0.5) / s - 0.5 rounded with halves up.</summary>
    public static void NearestNeighbor(OperatorImport op) => Import(op, ResizeFunction.Nearest, 0, 1);

    public static void Bilinear(OperatorImport op) => Import(op, ResizeFunction.Bilinear, 2, 3);

    private static void Import(OperatorImport op, ResizeFunction function, int alignField, int halfField)
    {
        Value x = op.Input(0);
        op.RequireRank(x, 4);
        op.RequireReals(x, op.Output());
        int[] size = op.Integers(1, "size", 2);
        bool align = op.Options.Bool(alignField);
        bool half = op.Options.Bool(halfField);
        if (align && half)
        {
            throw op.Unsupported("it wants aligned corners and half pixels at once");
        }

        ResizeCoordinates coordinates = align ? ResizeCoordinates.AlignCorners : half ? ResizeCoordinates.HalfPixel : ResizeCoordinates.Asymmetric;
        NearestRounding rounding = align || half ? NearestRounding.RoundPreferCeil : NearestRounding.Floor;
        op.Emit(new Resize(function, coordinates, rounding), op.MakeShape(x.Shape[0], size[0], size[1], x.Shape[3]), x);
    }
}
