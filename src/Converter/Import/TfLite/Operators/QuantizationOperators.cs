namespace TinyInference.Converter.Import.TfLite;

using TinyInference.Converter.Graphs;

/// <summary>QUANTIZE (from float, or from int8 under other parameters) and DEQUANTIZE (of constants: done here).</summary>
internal static class QuantizationOperators
{
    public static void Quantize(OperatorImport op)
    {
        Value x = op.Input(0);
        Value output = op.Output();
        if (x.Type is not (ElementType.Float32 or ElementType.Int8) || output.Type != ElementType.Int8)
        {
            throw op.Unsupported($"it makes {output.Type} of {x.Type}");
        }

        op.Emit(new Quantize(), x.Shape, x);
    }

    public static void Dequantize(OperatorImport op)
    {
        Value x = op.Input(0);
        Value output = op.Output();
        if (output.Type != ElementType.Float32)
        {
            throw op.Unsupported($"it makes {output.Type}");
        }

        if (x.IsConstant)
        {
            op.Fold(x.Type == ElementType.Float32 ? x.Constant! : Weights.Dequantized(op, x));
        }
        else if (x.Type == ElementType.Int8)
        {
            op.Emit(new Dequantize(), x.Shape, x);
        }
        else
        {
            throw op.Unsupported($"it reads {x.Type}");
        }
    }
}
