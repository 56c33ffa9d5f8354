namespace TinyInference.Converter.Import.Onnx.Operators;

using TinyInference.Converter.Graphs;

/// <summary>Operators that treat each element on its own: arithmetic, activations, casts.</summary>
internal static class ElementwiseOperators
{
    /// <summary>Two operands, broadcast.</summary>
    public static Handler Two(BinaryFunction function) => (node, builder) => [Combine(node, builder, function, node.Input(0), node.Input(1))];

    /// <summary>Any number of operands, broadcast.</summary>
    public static Handler Many(BinaryFunction function) => (node, builder) =>
    {
        Value result = node.Input(0);
        for (int i = 1; i < node.Inputs.Length; i++)
        {
            result = Combine(node, builder, function, result, node.Input(i));
        }

        return [result];
    };

    /// <summary>A function without attributes.</summary>
    public static Handler One(UnaryFunction function) => (node, builder) => [Apply(node, builder, new Unary(function))];

    /// <summary>A function with the attribute alpha.</summary>
    public static Handler WithAlpha(UnaryFunction function, float otherwise) => (node, builder) =>
        [Apply(node, builder, new Unary(function, node.Float("alpha", otherwise)))];

    public static Value Combine(OnnxNode node, OnnxGraphBuilder builder, BinaryFunction function, Value a, Value b)
    {
        // Pow alone takes two types, and gives the first.
        if (a.Type != b.Type && function != BinaryFunction.Pow)
        {
            throw node.Fault($"its operands are of the types {a.Type} and {b.Type}");
        }

        RefuseQuantized(node, a);
        RefuseQuantized(node, b);
        Shape shape = OnnxGraphBuilder.BroadcastShape(node, a.Shape, b.Shape);
        return builder.Emit(node, new Binary(function, Clamp.None), new TensorType(a.Type, shape), a, b);
    }

    public static Value HardSigmoid(OnnxNode node, OnnxGraphBuilder builder) =>
        Apply(node, builder, new Unary(UnaryFunction.HardSigmoid, node.Float("alpha", 0.2f), node.Float("beta", 0.5f)));

    public static Value Gelu(OnnxNode node, OnnxGraphBuilder builder)
    {
        string form = node.Text("approximate", "none");
        if (form == "none")
        {
            return Apply(node, builder, new Unary(UnaryFunction.Gelu));
        }

        // 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), with tanh(u) = 2 sigmoid(2u) - 1: x sigmoid(x (a + b x^2)).
        Value x = node.Input(0);
        float a = 2 * MathF.Sqrt(2 / MathF.PI);
        Value square = Apply(node, builder, new Unary(UnaryFunction.Square));
        Value inner = Combine(node, builder, BinaryFunction.Mul, square, builder.Scalar(node, a * 0.044715f));
        inner = Combine(node, builder, BinaryFunction.Add, inner, builder.Scalar(node, a));
        inner = Combine(node, builder, BinaryFunction.Mul, x, inner);
        Value gate = builder.Emit(node, new Unary(UnaryFunction.Sigmoid), TensorType.Like(inner), inner);
        return Combine(node, builder, BinaryFunction.Mul, x, gate);
    }

    public static Value Clip(OnnxNode node, OnnxGraphBuilder builder)
    {
        float min = float.NegativeInfinity;
        float max = float.PositiveInfinity;
        if (node.Opset < 11)
        {
            min = node.Float("min", float.MinValue);
            max = node.Float("max", float.MaxValue);
        }
        else
        {
            min = builder.OptionalFloat(node, 1) ?? min;
            max = builder.OptionalFloat(node, 2) ?? max;
        }

        // Exporters write "no limit" as the largest float.
        min = min <= float.MinValue ? float.NegativeInfinity : min;
        max = max >= float.MaxValue ? float.PositiveInfinity : max;
        Unary op = (min, max) switch
        {
            (0, float.PositiveInfinity) => new Unary(UnaryFunction.Relu),
            (0, 6) => new Unary(UnaryFunction.Relu6),
            _ => new Unary(UnaryFunction.Clip, min, max),
        };
        Value x = node.Input(0);
        RefuseQuantized(node, x);
        return float.IsNegativeInfinity(min) && float.IsPositiveInfinity(max) ? x : builder.Emit(node, op, TensorType.Like(x), x);
    }

    public static Value PRelu(OnnxNode node, OnnxGraphBuilder builder)
    {
        Value x = node.Input(0);
        Value slope = node.Input(1);
        RefuseQuantized(node, x);
        if (!OnnxGraphBuilder.BroadcastShape(node, x.Shape, slope.Shape).Equals(x.Shape))
        {
            throw node.Fault($"its slope {slope.Shape} does not fit the input {x.Shape}");
        }

        if (slope is { IsConstant: true, Type: ElementType.Float32 } && x.Type == ElementType.Float32 && x.Shape.Rank > 0)
        {
            // The dimension that the slope varies along, if it is one.
            int[] varying = [.. Enumerable.Range(1, slope.Shape.Rank).Where(i => slope.Shape[-i] > 1).Select(i => x.Shape.Rank - i)];
            if (varying.Length == 0 || (varying.Length == 1 && (varying[0] == x.Shape.Rank - 1 || varying[0] == 1)))
            {
                Value flat = builder.Reshape(node, slope, new Shape(slope.Shape.ElementCount));
                bool channelsFirst = varying is [1] && x.Shape.Rank > 2;
                Value last = channelsFirst ? builder.ChannelsLast(node, x) : x;
                Value result = builder.Emit(node, new PRelu(), TensorType.Like(last), last, flat);
                return channelsFirst ? builder.ChannelsFirst(node, result) : result;
            }
        }

        // max(x, 0) + slope * min(x, 0).
        Value zero = builder.Constant(node, ConstantEvaluator.FromInt64s(Shape.Scalar, [0], x.Type));
        Value negative = Combine(node, builder, BinaryFunction.Min, x, zero);
        Value scaled = Combine(node, builder, BinaryFunction.Mul, slope, negative);
        return Combine(node, builder, BinaryFunction.Add, Combine(node, builder, BinaryFunction.Max, x, zero), scaled);
    }

    public static Value Cast(OnnxNode node, OnnxGraphBuilder builder)
    {
        int to = (int)Math.Clamp(node.Int("to", 0), 0, 1000);
        if (OnnxTensorReader.TypeOf(to) is not { } type)
        {
            throw node.Unsupported($"it casts to {OnnxTensorReader.NameOf(to)}");
        }

        Value x = node.Input(0);
        RefuseQuantized(node, x);
        return x.Type == type ? x : builder.Emit(node, new Cast(), new TensorType(type, x.Shape), x);
    }

    public static Value Identity(OnnxNode node, OnnxGraphBuilder builder)
    {
        Value x = node.Input(0);
        return builder.Emit(node, new Identity(), TensorType.Like(x), x);
    }

    /// <summary>Dropout as inference sees it: the input, and a mask that keeps everything.</summary>
    public static Value[] Dropout(OnnxNode node, OnnxGraphBuilder builder)
    {
        if (node.OptionalInput(2) is not null && builder.RequireConstant(node, 2).ToInt64s() is [not 0])
        {
            throw node.Unsupported("it is in training mode; export the model for inference");
        }

        Value result = Identity(node, builder);
        if (!node.HasOutput(1))
        {
            return [result];
        }

        builder.Spend(node, result.Shape.ElementCount);
        bool[] mask = new bool[result.Shape.ElementCount];
        Array.Fill(mask, true);
        return [result, builder.Constant(node, new Tensor(result.Shape, mask))];
    }

    public static Value Apply(OnnxNode node, OnnxGraphBuilder builder, Unary op)
    {
        Value x = node.Input(0);
        RefuseQuantized(node, x);
        return builder.Emit(node, op, TensorType.Like(x), x);
    }

    /// <summary>Arithmetic on the integers of a quantized activation is not arithmetic on what they stand for.</summary>
    private static void RefuseQuantized(OnnxNode node, Value x)
    {
        if (x.Quantization is not null)
        {
            throw node.Unsupported($"it computes with the integers of the quantized tensor '{x.Name}'");
        }
    }
}
