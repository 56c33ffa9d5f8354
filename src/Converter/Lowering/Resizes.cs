using TinyInference.Converter.Execution.Kernels;

namespace TinyInference.Converter.Lowering;

using TinyInference.Converter.Graphs;

/// <summary>RESIZE_NEAREST, RESIZE_BILINEAR: where each row and column comes from, computed once.</summary>
internal static class Resizes
{
    /// <summary>1 in the weights of RESIZE_BILINEAR.</summary>
    private const int One = 1 << 10;

    public static void LowerResize(LoweringContext context, Node node)
    {
        var op = (Resize)node.Operator;
        BlobTensor x = context.Tensor(node.Input(0));
        BlobTensor y = context.Define(node.Output);
        BlobTensor target = context.SameScaleTarget(y, x.Quantization!);
        int[] rows = Table(op, x.Shape[1], y.Shape[1], op.ScaleH);
        int[] columns = Table(op, x.Shape[2], y.Shape[2], op.ScaleW);
        OperatorKind kind = op.Function == ResizeFunction.Nearest ? OperatorKind.ResizeNearest : OperatorKind.ResizeBilinear;
        context.Add(new BlobOperator(kind, node.Name, [x], target) { Biases = [.. rows, .. columns] });
        context.Finish(node, target, y, Clamp.None);
    }

    private static int[] Table(Resize op, int input, int output, float stated)
    {
        if (op.Function == ResizeFunction.Nearest)
        {
            return Array.ConvertAll(ResizeKernel.Coordinates(op.Coordinates, input, output, stated), c => ResizeKernel.Nearest(op.Rounding, c, input));
        }

        bool isTfLite = stated == 0 && op.Coordinates != ResizeCoordinates.PytorchHalfPixel;
        int[] positions = isTfLite
            ? TfLitePositions(op.Coordinates, input, output)
            : Array.ConvertAll(ResizeKernel.Coordinates(op.Coordinates, input, output, stated), c => (int)MathF.Round(c * One));
        return [.. positions.SelectMany(p => Neighbours(p, input))];
    }

    /// <summary>Positions in the input in Q10, as TensorFlow Lite computes them (ResizeBilinearInteger).</summary>
    private static int[] TfLitePositions(ResizeCoordinates coordinates, int input, int output)
    {
        bool alignsCorners = coordinates == ResizeCoordinates.AlignCorners && output > 1;
        int intervals = alignsCorners ? output - 1 : output;
        int step = ((One * (alignsCorners ? input - 1 : input)) + (intervals / 2)) / intervals;
        int offset = coordinates == ResizeCoordinates.HalfPixel ? (step / 2) - (One / 2) : 0;
        return [.. Enumerable.Range(0, output).Select(i => (i * step) + offset)];
    }

    private static int[] Neighbours(int position, int extent)
    {
        int first = Math.Clamp(position / One, 0, extent - 1);
        int second = Math.Clamp((position + One - 1) / One, 0, extent - 1);
        return [first, second, first == second ? 0 : position - (One * first)];
    }
}
