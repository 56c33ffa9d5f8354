namespace TinyInference.Converter.Import.TfLite;

using TinyInference.Converter.Graphs;

/// <summary>UNIDIRECTIONAL_SEQUENCE_LSTM, as TensorFlow Lite Micro runs it: without peepholes, projection, layer normalization and coupled gates.</summary>
internal static class RecurrentOperators
{
    /// <summary>Inputs that hold the state: variables, which nothing makes.</summary>
    public const int HiddenState = 18;
    public const int CellState = 19;

    private const int TanhActivation = 4;

    // Gates stand as input, forget, cell, output; the graph has input, output, forget, cell.
    private static readonly int[] s_inputWeights = [1, 4, 2, 3];
    private static readonly int[] s_stateWeights = [5, 8, 6, 7];
    private static readonly int[] s_biases = [12, 15, 13, 14];

    /// <summary>Inputs x [N,T,I] (or time first), weights [H,I] × 4 and [H,H] × 4, biases [H] × 4, two states; others must be absent.</summary>
    public static void Lstm(OperatorImport op)
    {
        Value x = op.Input(0);
        op.RequireRank(x, 3);
        op.RequireReals(x, op.Output());
        foreach (int index in (int[])[9, 10, 11, 16, 17, 20, 21, 22, 23])
        {
            if (op.OptionalInput(index) is not null)
            {
                throw op.Unsupported($"it has input {index}: peepholes, projections and layer normalization");
            }
        }

        if (op.Options.Byte(0) != TanhActivation || op.OptionalInput(1) is null)
        {
            throw op.Unsupported("its activation is not tanh, or its input and forget gate are coupled");
        }

        Shape recurrent = op.Input(s_stateWeights[0]).Shape;
        int units = recurrent.Rank == 2 ? recurrent[1] : throw op.Malformed($"has the recurrent weights {recurrent}");
        Value inputWeights = Join(op, s_inputWeights, new Shape(units, x.Shape[2]), x);
        Value stateWeights = Join(op, s_stateWeights, new Shape(units, units), x);
        Value bias = JoinBiases(op, units, x, inputWeights);
        float clip = op.Options.Float(1);
        if (!float.IsFinite(clip) || clip < 0)
        {
            throw op.Malformed($"has the cell clip {clip}");
        }

        float cellScale = x.Type == ElementType.Float32 ? 0 : CellScale(op);
        op.Emit(new Recurrent(RecurrentCellKind.Lstm, GateForm.Smooth, op.Options.Bool(3), clip, cellScale), x.Shape.With(2, units), x, inputWeights, stateWeights, bias);
    }

    private static float CellScale(OperatorImport op)
    {
        Value state = op.Input(HiddenState);
        if (state.Type != ElementType.Int8 || !Equals(state.Quantization, op.Output().Quantization))
        {
            throw op.Unsupported($"its state '{state.Name}' has other quantization parameters than its output");
        }

        Value cell = op.Input(CellState);
        return cell is { Type: ElementType.Int16, Quantization: { IsPerTensor: true, ZeroPoint: 0 } q }
            ? q.Scale
            : throw op.Unsupported($"its cell state '{cell.Name}' is not int16 with the zero point 0");
    }

    /// <summary>The weights of all gates, one below the other.</summary>
    private static Value Join(OperatorImport op, int[] inputs, Shape each, Value x)
    {
        Value[] parts = Array.ConvertAll(inputs, i => Constant(op, i, each));
        var shape = op.MakeShape(each[0] * parts.Length, each[1]);
        if (x.Type == ElementType.Float32)
        {
            return op.NewConstant(parts[0].Name, new Tensor(shape, parts.SelectMany(p => Weights.Floats(op, p).Constant!.Floats).ToArray()));
        }

        if (parts.Any(p => p.Type != ElementType.Int8 || p.Quantization is not { IsPerTensor: true, ZeroPoint: 0 }))
        {
            throw op.Unsupported("its weights are not int8 with one scale for each gate and the zero point 0");
        }

        float[] scales = [.. parts.SelectMany(p => Enumerable.Repeat(p.Quantization!.Scale, each[0]))];
        return op.NewConstant(parts[0].Name, new Tensor(shape, parts.SelectMany(p => p.Constant!.Int8s).ToArray()), new QuantizationParameters(scales, new int[scales.Length]));
    }

    private static Value JoinBiases(OperatorImport op, int units, Value x, Value weights)
    {
        Value[] parts = Array.ConvertAll(s_biases, i => Constant(op, i, new Shape(units)));
        var shape = new Shape(units * parts.Length);
        if (x.Type == ElementType.Float32)
        {
            return op.NewConstant(parts[0].Name, new Tensor(shape, parts.SelectMany(p => Weights.Floats(op, p).Constant!.Floats).ToArray()));
        }

        if (parts.Any(p => p.Type != ElementType.Int32))
        {
            throw op.Malformed("is int8, but its biases are not int32");
        }

        float[] scales = Array.ConvertAll(weights.Quantization!.Scales, s => s * x.Quantization!.Scale);
        if (!Array.TrueForAll(scales, float.IsNormal))
        {
            throw op.Malformed("has weight scales whose product with the input's is out of range");
        }

        return op.NewConstant(parts[0].Name, new Tensor(shape, parts.SelectMany(p => p.Constant!.Int32s).ToArray()), new QuantizationParameters(scales, new int[scales.Length]));
    }

    private static Value Constant(OperatorImport op, int index, Shape shape)
    {
        Value value = op.Input(index);
        op.File.Pay(shape.ElementCount * 4L);
        return value.Constant is null ? throw op.Unsupported($"its weights '{value.Name}' are computed")
            : value.Shape.Equals(shape) ? value
            : throw op.Malformed($"has '{value.Name}' of shape {value.Shape} instead of {shape}");
    }
}
