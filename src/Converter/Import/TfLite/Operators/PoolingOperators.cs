namespace TinyInference.Converter.Import.TfLite;

using TinyInference.Converter.Graphs;

/// <summary>AVERAGE_POOL_2D and MAX_POOL_2D: x [N,H,W,C]. Padded elements are not counted.</summary>
internal static class PoolingOperators
{
    public static void Average(OperatorImport op) => Import(op, PoolFunction.Average);

    public static void Max(OperatorImport op) => Import(op, PoolFunction.Max);

    private static void Import(OperatorImport op, PoolFunction function)
    {
        Value x = op.Input(0);
        op.RequireRank(x, 4);
        op.RequireReals(x, op.Output());
        FlatTable o = op.Options;
        Window window = Windows.Resolve(op, x.Shape, o.Byte(0), new Window(o.Int32(4), o.Int32(3), o.Int32(2), o.Int32(1)));
        Activation.Emit(op, 5, clamp => new Pool2D(function, window, CountPadding: false, clamp), Windows.OutputShape(op, x.Shape, window, x.Shape[3]), x);
    }
}
