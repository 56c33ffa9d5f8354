using TinyInference.Converter.Quantization;

namespace TinyInference.Converter.Lowering;

using TinyInference.Converter.Graphs;

/// <summary>LOOKUP, ADD, SUB, MUL.</summary>
internal static class Elementwise
{
    public static void LowerQuantize(LoweringContext context, Node node)
    {
        BlobTensor x = context.Tensor(node.Input(0));
        bool isSame = node.Output.Quantization is { } quantization && quantization.Equals(x.Quantization);
        BlobTensor y = context.Define(node.Output, isSame ? x : null);
        if (!isSame)
        {
            context.AddLookup(node, x, y, Tables.Requantize(x.Quantization!, y.Quantization!, Clamp.None));
        }
    }

    public static void LowerUnary(LoweringContext context, Node node)
    {
        BlobTensor x = context.Tensor(node.Input(0));
        BlobTensor y = context.Define(node.Output);
        context.AddLookup(node, x, y, Tables.Unary((Unary)node.Operator, x.Quantization!, y.Quantization!));
    }

    /// <summary>
    /// One slope: a table. One for each channel: max(x, 0) + slope * min(x, 0), the summands under the output's parameters, in which both fit.
    /// </summary>
    public static void LowerPRelu(LoweringContext context, Node node)
    {
        BlobTensor x = context.Tensor(node.Input(0));
        Value slope = node.Input(1);
        float[] slopes = Constants.Reals(slope);
        BlobTensor y = context.Define(node.Output);
        if (slopes.Length == 1)
        {
            context.AddLookup(node, x, y, Tables.Unary(new Unary(UnaryFunction.LeakyRelu, slopes[0]), x.Quantization!, y.Quantization!));
            return;
        }

        (sbyte[] data, QuantizationParameters scale) = Constants.Int8(slope);
        BlobTensor negative = context.Intermediate(y.Name + "/negative", x.Shape, x.Quantization!);
        context.AddLookup(node, x, negative, Tables.Make(v => Math.Min(v, x.ZeroPoint)));
        BlobTensor scaled = context.Intermediate(y.Name + "/scaled", x.Shape, y.Quantization!);
        context.Add(Binaries.Mul(node, negative, new Operand(slope.Shape, data, scale), scaled, Clamp.None));
        BlobTensor positive = context.Intermediate(y.Name + "/positive", x.Shape, y.Quantization!);
        context.AddLookup(node, x, positive, Tables.Unary(new Unary(UnaryFunction.Relu), x.Quantization!, y.Quantization!));
        context.Add(Binaries.AddOrSub(OperatorKind.Add, node, positive, new Operand(scaled), y, Clamp.None));
    }

    public static void LowerBinary(LoweringContext context, Node node)
    {
        var op = (Binary)node.Operator;
        Value a = node.Input(0);
        Value b = node.Input(1);
        bool isSecondConstant = b.IsConstant;
        if ((isSecondConstant ? b : a) is { IsConstant: true, Shape.ElementCount: 1 } constant)
        {
            LowerByScalar(context, node, op, isSecondConstant ? a : b, constant, isSecondConstant);
            return;
        }

        if (op.Function is not (BinaryFunction.Add or BinaryFunction.Sub or BinaryFunction.Mul))
        {
            throw new UnsupportedException("it can be converted with a constant of one element only");
        }

        // The constant is the second operand of the kernels; a constant less x is the constant plus -x.
        bool swap = a.IsConstant;
        BlobTensor first = context.Tensor(swap ? b : a);
        Operand second = Second(context, swap ? a : b);
        BlobTensor y = context.Define(node.Output);
        if (op.Function == BinaryFunction.Mul)
        {
            context.Add(Binaries.Mul(node, first, second, y, op.Clamp));
            return;
        }

        bool isSub = op.Function == BinaryFunction.Sub;
        if (swap && isSub)
        {
            BlobTensor negated = context.Intermediate(first.Name + "/negated", first.Shape, Tables.Negated(first.Quantization!));
            context.AddLookup(node, first, negated, Tables.Negate());
            first = negated;
        }

        context.Add(Binaries.AddOrSub(isSub && !swap ? OperatorKind.Sub : OperatorKind.Add, node, first, second, y, op.Clamp));
    }

    private static Operand Second(LoweringContext context, Value value)
    {
        if (!value.IsConstant)
        {
            return new Operand(context.Tensor(value));
        }

        (sbyte[] data, QuantizationParameters quantization) = Constants.Int8(value);
        return new Operand(value.Shape, data, quantization);
    }

    /// <summary>One operand is a constant of one element: the other goes through a table, made by the operator's own integers where it has some.</summary>
    private static void LowerByScalar(LoweringContext context, Node node, Binary op, Value operand, Value constant, bool isSecond)
    {
        BlobTensor x = context.Tensor(operand);
        double c = Constants.Reals(constant)[0];
        bool isInt8 = constant is { Type: ElementType.Int8, Quantization.IsPerTensor: true };
        BlobTensor y = context.Define(node.Output);
        QuantizationParameters from = x.Quantization!;
        QuantizationParameters to = y.Quantization!;
        (int min, int max) = FixedPoint.Range(op.Clamp, to);
        Func<int, int>? integers = !isInt8 || !isSecond ? null : op.Function switch
        {
            BinaryFunction.Add or BinaryFunction.Sub => Binaries.Sum(op.Function == BinaryFunction.Sub, from, constant.Quantization!, to, constant.Constant!.Int8s[0]),
            BinaryFunction.Mul => Binaries.Product(from, constant.Quantization!, to, constant.Constant!.Int8s[0]),
            _ => null,
        };
        sbyte[] table = integers is not null ? Tables.Make(v => Math.Clamp(integers(v), min, max)) : Tables.Function(from, to, v => op.Clamp.Apply((float)(isSecond ? Apply(op.Function, v, c) : Apply(op.Function, c, v))));
        context.AddLookup(node, x, y, table);
    }

    private static double Apply(BinaryFunction function, double a, double b) => function switch
    {
        BinaryFunction.Add => a + b,
        BinaryFunction.Sub => a - b,
        BinaryFunction.Mul => a * b,
        BinaryFunction.Div => a / b,
        BinaryFunction.Min => Math.Min(a, b),
        BinaryFunction.Max => Math.Max(a, b),
        _ => Math.Pow(a, b),
    };
}
