namespace TinyInference.Converter.Import.TfLite;

using TinyInference.Converter.Graphs;

/// <summary>Elementwise operators of two inputs, with broadcasting.</summary>
internal static class BinaryOperators
{
    public static void Add(OperatorImport op) => Import(op, BinaryFunction.Add, hasActivation: true);

    public static void Sub(OperatorImport op) => Import(op, BinaryFunction.Sub, hasActivation: true);

    public static void Mul(OperatorImport op) => Import(op, BinaryFunction.Mul, hasActivation: true);

    public static void Div(OperatorImport op) => Import(op, BinaryFunction.Div, hasActivation: true);

    public static void Minimum(OperatorImport op) => Import(op, BinaryFunction.Min, hasActivation: false);

    public static void Maximum(OperatorImport op) => Import(op, BinaryFunction.Max, hasActivation: false);

    public static void Pow(OperatorImport op) => Import(op, BinaryFunction.Pow, hasActivation: false);

    /// <summary>(a - b)^2 as two nodes. The scale of the difference is not in the file, so that only floats can be taken apart.</summary>
    public static void SquaredDifference(OperatorImport op)
    {
        Value a = op.Input(0);
        Value b = op.Input(1);
        if (a.Type != ElementType.Float32)
        {
            throw op.Unsupported($"it is {a.Type}, not float");
        }

        op.RequireReals(a, b, op.Output());
        Shape shape = Broadcasting.Combine(op, a.Shape, b.Shape);
        Value difference = op.EmitBetween("difference", new Binary(BinaryFunction.Sub, Clamp.None), shape, ElementType.Float32, null, a, b);
        op.Emit(new Unary(UnaryFunction.Square), shape, difference);
    }

    /// <summary>Inputs x [...,C], slope of C elements or one.</summary>
    public static void PRelu(OperatorImport op)
    {
        Value x = op.Input(0);
        Value slope = op.Input(1);
        if (slope.Constant is null)
        {
            throw op.Unsupported("its slope is computed");
        }

        slope = x.Type == ElementType.Float32 ? Weights.Floats(op, slope) : slope;
        op.RequireReals(x, slope, op.Output());
        int count = slope.Shape.ElementCount;
        if (count != 1 && (x.Shape.Rank == 0 || count != x.Shape[-1] || slope.Shape[-1] != count))
        {
            throw op.Unsupported($"its slope has the shape {slope.Shape}: not one for each channel of {x.Shape}");
        }

        if (slope.Shape.Rank != 1)
        {
            slope = op.NewConstant(slope.Name, slope.Constant!.Reshape(new Shape(count)), slope.Quantization);
        }

        op.Emit(new PRelu(), x.Shape, x, slope);
    }

    private static void Import(OperatorImport op, BinaryFunction function, bool hasActivation)
    {
        Value a = op.Input(0);
        Value b = op.Input(1);
        Shape shape = Broadcasting.Combine(op, a.Shape, b.Shape);
        if (a.Type is ElementType.Int32 or ElementType.Int64 && a.IsConstant && b.IsConstant)
        {
            op.RequireSameType(a, b, op.Output());
        }
        else
        {
            op.RequireReals(a, b, op.Output());
        }

        if (hasActivation)
        {
            Activation.Emit(op, 0, clamp => new Binary(function, clamp), shape, a, b);
        }
        else
        {
            op.Emit(new Binary(function, Clamp.None), shape, a, b);
        }
    }
}
