using System.Runtime.InteropServices;
using Google.Protobuf;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Import.Onnx.Schema;

namespace TinyInference.Converter.Export.Onnx;

/// <summary>Operators that move elements, and those whose weights or sizes ONNX states in another way.</summary>
internal sealed partial class OnnxExporter
{
    /// <summary>The output's size is its shape: what the window leaves over is padding at the end, or, below 0, output padding.</summary>
    private void AddTransposeConv(Node node, Window w)
    {
        Shape x = node.Input(0).Shape;
        Shape y = node.Output.Shape;
        int bottom = (w.StrideH * (x[1] - 1)) + ((w.KernelH - 1) * w.DilationH) + 1 - w.PadTop - y[1];
        int right = (w.StrideW * (x[2] - 1)) + ((w.KernelW - 1) * w.DilationW) + 1 - w.PadLeft - y[2];
        List<string> inputs = [Name(node.Input(0)), Permute(node.Input(1), 3, 0, 1, 2)];
        if (node.OptionalInput(2) is { } bias)
        {
            inputs.Add(Name(bias));
        }

        AddNode(node, "ConvTranspose", inputs, Ints("kernel_shape", [w.KernelH, w.KernelW]), Ints("strides", [w.StrideH, w.StrideW]), Ints("dilations", [w.DilationH, w.DilationW]),
            Ints("pads", [w.PadTop, w.PadLeft, Math.Max(bottom, 0), Math.Max(right, 0)]), Ints("output_padding", [Math.Max(-bottom, 0), Math.Max(-right, 0)]));
    }

    /// <summary>One slope for each channel, which is not the last dimension of a file's image.</summary>
    private string Slope(Value slope, int rank)
    {
        if (rank != 4 || slope.Shape.ElementCount == 1)
        {
            return Name(slope);
        }

        if (_names.TryAdd(slope, slope.Name))
        {
            AddInitializer(slope.Name, [slope.Shape.ElementCount, 1, 1], FloatTensor, MemoryMarshal.AsBytes<float>(slope.Constant!.Floats));
        }

        return slope.Name;
    }

    private void AddPad(Node node, Pad pad)
    {
        int rank = node.Output.Shape.Rank;
        long[] amounts = [.. FileOrder(pad.Before, rank).Concat(FileOrder(pad.After, rank)).Select(a => (long)a)];
        List<string> inputs = [Name(node.Input(0)), Integers(node, "pads", amounts)];
        if (pad.Mode == PadMode.Constant)
        {
            inputs.Add(Scalar(node, "value", pad.Value));
        }

        AddNode(node, "Pad", inputs, Word("mode", pad.Mode switch { PadMode.Reflect => "reflect", PadMode.Edge => "edge", _ => "constant" }));
    }

    private void AddSlice(Node node, Slice slice)
    {
        Shape x = node.Input(0).Shape;
        Shape y = node.Output.Shape;

        // Whole dimensions are left out, the open batch above all.
        int[] axes = [.. Enumerable.Range(0, x.Rank).Where(a => slice.Begin[a] != 0 || slice.Step[a] != 1 || y[a] != x[a])];
        long[] ends = [.. axes.Select(a => (long)slice.Begin[a] + ((long)slice.Step[a] * y[a])).Select((end, i) => end < 0 ? -x[axes[i]] - 1L : end)];
        AddNode(node, "Slice",
        [
            Name(node.Input(0)), Integers(node, "starts", [.. axes.Select(a => (long)slice.Begin[a])]), Integers(node, "ends", ends),
            Integers(node, "axes", [.. axes.Select(a => (long)Axis(a, x.Rank))]), Integers(node, "steps", [.. axes.Select(a => (long)slice.Step[a])]),
        ]);
    }

    private void AddResize(Node node, Resize resize)
    {
        Shape x = node.Input(0).Shape;
        Shape y = node.Output.Shape;
        float[] scales = [1, 1, ScaleOf(resize.ScaleH, x[1], y[1]), ScaleOf(resize.ScaleW, x[2], y[2])];
        string name = node.Output.Name + "/scales";
        AddInitializer(name, [scales.Length], FloatTensor, MemoryMarshal.AsBytes<float>(scales));
        AddNode(node, "Resize", [Name(node.Input(0)), "", name],
            Word("mode", resize.Function == ResizeFunction.Nearest ? "nearest" : "linear"),
            Word("coordinate_transformation_mode", resize.Coordinates switch
            {
                ResizeCoordinates.Asymmetric => "asymmetric",
                ResizeCoordinates.AlignCorners => "align_corners",
                ResizeCoordinates.PytorchHalfPixel => "pytorch_half_pixel",
                _ => "half_pixel",
            }),
            Word("nearest_mode", resize.Rounding switch
            {
                NearestRounding.Floor => "floor",
                NearestRounding.Ceil => "ceil",
                NearestRounding.RoundPreferCeil => "round_prefer_ceil",
                _ => "round_prefer_floor",
            }));
    }

    /// <summary>A scale that gives the size when it is multiplied and rounded down, as readers do.</summary>
    private static float ScaleOf(float stated, int from, int to)
    {
        float scale = stated != 0 ? stated : (float)to / from;
        while (Math.Floor((double)(scale * from)) < to)
        {
            scale = MathF.BitIncrement(scale);
        }

        return scale;
    }

    /// <summary>A permutation of the graph's dimensions as one of the file's.</summary>
    private static IEnumerable<int> Permutation(int[] permutation) => FileOrder(permutation, permutation.Length).Select(p => Axis(p, permutation.Length));

    /// <summary>One number for each dimension, in the order of the file's dimensions.</summary>
    private static int[] FileOrder(int[] values, int rank) => rank == 4 ? [values[0], values[3], values[1], values[2]] : values;

    private string Integers(Node node, string name, long[] values)
    {
        string full = $"{node.Output.Name}/{name}";
        AddInitializer(full, [values.Length], Int64Tensor, MemoryMarshal.AsBytes<long>(values));
        return full;
    }

    private static AttributeProto Word(string name, string value) => new() { Name = name, Type = StringAttribute, S = ByteString.CopyFromUtf8(value) };
}
