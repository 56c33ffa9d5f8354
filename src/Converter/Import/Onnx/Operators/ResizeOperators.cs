namespace TinyInference.Converter.Import.Onnx.Operators;

using TinyInference.Converter.Graphs;

/// <summary>Resize and Upsample over the spatial dimensions.</summary>
internal static class ResizeOperators
{
    public static Value Upsample(OnnxNode node, OnnxGraphBuilder builder)
    {
        float[] scales = builder.RequireConstant(node, 1).ToFloats();
        return Emit(node, builder, scales, null, ResizeCoordinates.Asymmetric, NearestRounding.Floor);
    }

    public static Value Resize(OnnxNode node, OnnxGraphBuilder builder)
    {
        if (node.Opset < 11)
        {
            return Upsample(node, builder);
        }

        Value x = node.Input(0);
        int rank = x.Shape.Rank;
        int[] axes = node.Ints("axes") is { } stated ? Array.ConvertAll(stated, a => node.Axis(a, rank)) : [.. Enumerable.Range(0, rank)];
        float[]? scales = node.OptionalInput(2) is null ? null : builder.RequireConstant(node, 2).ToFloats();
        long[]? sizes = builder.OptionalInt64s(node, 3);
        // Exporters give an empty tensor for what they leave out.
        scales = scales is [] ? null : Spread(node, scales, axes, rank, 1);
        sizes = sizes is [] ? null : Spread(node, sizes, axes, rank, 0);
        if ((scales is null) == (sizes is null))
        {
            throw node.Fault("it needs either scales or sizes");
        }

        if (sizes is not null)
        {
            (scales, sizes) = FromSizes(node, x.Shape, sizes, axes);
        }

        if (node.Flag("antialias") && Array.Exists(scales!, s => s < 1))
        {
            throw node.Unsupported("antialias is not supported");
        }

        (ResizeCoordinates coordinates, NearestRounding rounding) = Coordinates(node, x.Shape, scales!, sizes);
        return Emit(node, builder, scales!, sizes, coordinates, rounding);
    }

    private static T[]? Spread<T>(OnnxNode node, T[]? values, int[] axes, int rank, T otherwise)
    {
        if (values is null)
        {
            return null;
        }

        if (values.Length != axes.Length)
        {
            throw node.Fault($"{values.Length} scales or sizes do not fit {axes.Length} dimensions");
        }

        var result = new T[rank];
        Array.Fill(result, otherwise);
        for (int i = 0; i < axes.Length; i++)
        {
            result[axes[i]] = values[i];
        }

        return result;
    }

    /// <summary>Scales for stated sizes, and the sizes that keep_aspect_ratio_policy makes of them.</summary>
    private static (float[] Scales, long[] Sizes) FromSizes(OnnxNode node, Shape x, long[] sizes, int[] axes)
    {
        string policy = node.Text("keep_aspect_ratio_policy", "stretch");
        double[] ratios = Array.ConvertAll(axes, a => sizes[a] / (double)Math.Max(1, x[a]));
        double common = policy == "not_larger" ? ratios.Min() : ratios.Max();
        var scales = new float[x.Rank];
        for (int i = 0; i < scales.Length; i++)
        {
            if (!axes.Contains(i))
            {
                sizes[i] = x[i];
            }
            else if (policy != "stretch")
            {
                sizes[i] = (long)Math.Floor((common * x[i]) + 0.5);
            }

            scales[i] = policy != "stretch" && axes.Contains(i) ? (float)common : sizes[i] / (float)Math.Max(1, x[i]);
        }

        return (scales, sizes);
    }

    private static (ResizeCoordinates Coordinates, NearestRounding Rounding) Coordinates(OnnxNode node, Shape x, float[] scales, long[]? sizes)
    {
        NearestRounding rounding = node.Text("nearest_mode", "round_prefer_floor") switch
        {
            "round_prefer_floor" => NearestRounding.RoundPreferFloor,
            "round_prefer_ceil" => NearestRounding.RoundPreferCeil,
            "floor" => NearestRounding.Floor,
            "ceil" => NearestRounding.Ceil,
            string other => throw node.Fault($"nearest_mode '{other}' is not known"),
        };
        switch (node.Text("coordinate_transformation_mode", "half_pixel"))
        {
            case "half_pixel":
                return (ResizeCoordinates.HalfPixel, rounding);
            case "pytorch_half_pixel":
                return (ResizeCoordinates.PytorchHalfPixel, rounding);
            case "align_corners":
                return (ResizeCoordinates.AlignCorners, rounding);
            case "asymmetric":
                return (ResizeCoordinates.Asymmetric, rounding);
            case "half_pixel_symmetric" when (sizes is not null && node.Text("keep_aspect_ratio_policy", "stretch") == "stretch")
                || !Array.Exists([.. scales.Select((s, i) => (double)s * x[i])], e => e != Math.Floor(e)):
                // Differs only where an extent times its scale is not whole.
                return (ResizeCoordinates.HalfPixel, rounding);
            case "tf_half_pixel_for_nn" when rounding == NearestRounding.Floor:
                // floor((i + 0.5) / s) is (i + 0.5) / s - 0.5 rounded, halves up.
                return (ResizeCoordinates.HalfPixel, NearestRounding.RoundPreferCeil);
            case var other:
                throw node.Unsupported($"coordinate_transformation_mode '{other}' is not supported here");
        }
    }

    private static Value Emit(OnnxNode node, OnnxGraphBuilder builder, float[] scales, long[]? sizes, ResizeCoordinates coordinates, NearestRounding rounding)
    {
        Value x = node.Input(0);
        int rank = x.Shape.Rank;
        if (scales.Length != rank || !Array.TrueForAll(scales, s => s > 0 && float.IsFinite(s)))
        {
            throw node.Fault($"its scales do not fit the input {x.Shape}");
        }

        ResizeFunction function = node.Text("mode", "nearest") switch
        {
            "nearest" => ResizeFunction.Nearest,
            "linear" or "bilinear" => ResizeFunction.Bilinear,
            string other => throw node.Unsupported($"the mode '{other}' is not supported"),
        };
        long[] extents = sizes ?? [.. scales.Select((s, i) => (long)Math.Min(Math.Floor((double)s * x.Shape[i]), OnnxGraphBuilder.MaxElements))];
        Shape shape = OnnxGraphBuilder.CheckedShape(node, extents);
        if (shape.ElementCount == 0)
        {
            throw node.Fault($"its result would have the shape {shape}");
        }

        if (rank is not (3 or 4) || shape[0] != x.Shape[0] || shape[1] != x.Shape[1])
        {
            throw node.Unsupported($"it resizes {x.Shape} to {shape}; only one or two spatial dimensions can be resized");
        }

        Value image = builder.ToImage(node, x);
        float scaleH = rank == 4 ? Stated(scales[2], x.Shape[2], shape[2]) : 0;
        float scaleW = Stated(scales[^1], x.Shape[-1], shape[-1]);
        var type = TensorType.Like(image, new Shape(shape[0], rank == 4 ? shape[2] : 1, shape[-1], shape[1]));
        return builder.FromImage(node, builder.Emit(node, new Resize(function, coordinates, rounding, scaleH, scaleW), type, image), rank);
    }

    /// <summary>The scale where it is not the quotient of the extents.</summary>
    private static float Stated(float scale, int from, int to) => scale == to / (float)from ? 0 : scale;
}
