namespace TinyInference.Converter.Import.TfLite;

using TinyInference.Converter.Graphs;

/// <summary>PAD, PADV2 and MIRROR_PAD. Inputs x, paddings [rank,2] (before, after), value? (PADV2).</summary>
internal static class PadOperators
{
    public static void Pad(OperatorImport op) => Import(op, PadMode.Constant, 0);

    public static void PadV2(OperatorImport op)
    {
        Value value = op.Input(2);
        if (value.Constant is null)
        {
            throw op.Unsupported("its padding value is computed");
        }

        op.RequireReals(op.Input(0), value);
        if (value.Shape.ElementCount != 1)
        {
            throw op.Malformed($"has a padding value of shape {value.Shape}");
        }

        Import(op, PadMode.Constant, (value.Type == ElementType.Float32 ? value.Constant : Weights.Dequantized(op, value)).Floats[0]);
    }

    public static void MirrorPad(OperatorImport op) => Import(op, op.Options.Byte(0) switch
    {
        0 => PadMode.Reflect,
        1 => PadMode.Symmetric,
        byte mode => throw op.Malformed($"has the mode {mode}"),
    }, 0);

    private static void Import(OperatorImport op, PadMode mode, float value)
    {
        Value x = op.Input(0);
        op.RequireReals(x, op.Output());
        int rank = x.Shape.Rank;
        int[] paddings = op.Integers(1, "paddings", 2 * rank);
        int[] before = [.. paddings.Where(static (_, i) => i % 2 == 0)];
        int[] after = [.. paddings.Where(static (_, i) => i % 2 == 1)];
        int[] shape = new int[rank];
        for (int d = 0; d < rank; d++)
        {
            int most = mode switch { PadMode.Reflect => x.Shape[d] - 1, PadMode.Symmetric => x.Shape[d], _ => 1 << 24 };
            if (before[d] < 0 || after[d] < 0 || before[d] > most || after[d] > most || x.Shape[d] > int.MaxValue - before[d] - after[d])
            {
                throw op.Malformed($"pads dimension {d} of {x.Shape} by {before[d]} and {after[d]}");
            }

            shape[d] = before[d] + x.Shape[d] + after[d];
        }

        op.Emit(new Pad(before, after, mode, value), op.MakeShape(shape), x);
    }
}
