namespace TinyInference.Converter.Import.TfLite;

using TinyInference.Converter.Graphs;

/// <summary>Operators that work along axes: MEAN and its kin, ARG_MAX, ARG_MIN, SOFTMAX, LOG_SOFTMAX.</summary>
internal static class ReductionOperators
{
    public static void Mean(OperatorImport op) => Import(op, ReduceFunction.Mean);

    public static void Sum(OperatorImport op) => Import(op, ReduceFunction.Sum);

    public static void Max(OperatorImport op) => Import(op, ReduceFunction.Max);

    public static void Min(OperatorImport op) => Import(op, ReduceFunction.Min);

    public static void Prod(OperatorImport op) => Import(op, ReduceFunction.Prod);

    public static void ArgMax(OperatorImport op) => ImportArg(op, smallest: false);

    public static void ArgMin(OperatorImport op) => ImportArg(op, smallest: true);

    public static void Softmax(OperatorImport op)
    {
        float beta = op.Options.Float(0);
        ImportSoftmax(op, float.IsFinite(beta) && beta > 0 ? beta : throw op.Malformed($"has beta {beta}"), log: false);
    }

    public static void LogSoftmax(OperatorImport op) => ImportSoftmax(op, 1, log: true);

    private static void Import(OperatorImport op, ReduceFunction function)
    {
        Value x = op.Input(0);
        if (x.IsConstant && x.Type is ElementType.Int32 or ElementType.Int64)
        {
            op.RequireSameType(x, op.Output());
        }
        else
        {
            op.RequireReals(x, op.Output());
        }

        int[] axes = [.. op.Integers(1, "axes").Select(a => op.Axis(a, x.Shape.Rank)).Distinct().Order()];
        bool keep = op.Options.Bool(0);
        Shape shape = op.MakeShape([.. Enumerable.Range(0, x.Shape.Rank).Where(d => keep || !axes.Contains(d)).Select(d => axes.Contains(d) ? 1 : x.Shape[d])]);
        op.Emit(axes.Length == 0 ? new Identity() : new Reduce(function, axes, keep), shape, x);
    }

    private static void ImportArg(OperatorImport op, bool smallest)
    {
        Value x = op.Input(0);
        op.RequireReals(x);
        if (op.Output().Type is not (ElementType.Int32 or ElementType.Int64))
        {
            throw op.Malformed($"gives {op.Output().Type} instead of integers");
        }

        int axis = op.Axis(op.Integers(1, "axis", 1)[0], x.Shape.Rank);
        Shape shape = op.MakeShape([.. x.Shape.Where((_, d) => d != axis)]);
        op.Emit(new ArgMax(axis, KeepDimensions: false, Smallest: smallest), shape, x);
    }

    private static void ImportSoftmax(OperatorImport op, float beta, bool log)
    {
        Value x = op.Input(0);
        op.RequireReals(x, op.Output());
        op.Emit(new Softmax(op.Axis(-1, x.Shape.Rank), beta, log), x.Shape, x);
    }
}
