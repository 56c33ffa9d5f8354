using TinyInference.Converter.Quantization;

namespace TinyInference.Converter.Lowering;

using TinyInference.Converter.Graphs;

/// <summary>UNIDIRECTIONAL_SEQUENCE_LSTM, RECURRENT_CELL and EMBEDDING.</summary>
internal static class Recurrents
{
    /// <summary>The scale of a cell state of which nothing is known: up to 16, where tanh is 1.</summary>
    public const float DefaultCellScale = 1f / (1 << 11);

    /// <summary>What the gates' functions read: Q3.12.</summary>
    private const float GateInputScale = 1f / (1 << 12);

    /// <summary>What they give: Q0.15.</summary>
    private const float GateOutputScale = 1f / (1 << 15);

    private const int SimpleCell = 1;
    private const int GatedCell = 2;
    private const int ResetBeforeCell = 3;

    public static void LowerRecurrent(LoweringContext context, Node node)
    {
        var cell = (Recurrent)node.Operator;
        BlobTensor x = context.Tensor(node.Input(0));
        BlobTensor y = context.Define(node.Output);
        (sbyte[] inputWeights, QuantizationParameters inputScales) = Weights.Get(node.Input(1));
        (sbyte[] stateWeights, QuantizationParameters stateScales) = Weights.Get(node.Input(2));
        int inputs = x.Shape[2];
        int units = y.Shape[2];
        int channels = cell.Gates * units;
        (int batch, int steps) = cell.TimeMajor ? (x.Shape[1], x.Shape[0]) : (x.Shape[0], x.Shape[1]);
        var states = new Shape(batch, units);
        List<BlobTensor> operands = [x, context.State(y.Name + "/state", TensorType.Int8, states, y.Quantization!)];
        float[] scales = [.. Scales(node, inputScales, channels).Select(s => x.Scale * s), .. Scales(node, stateScales, channels).Select(s => y.Scale * s)];
        (int[] multipliers, sbyte[] shifts) = Weights.Split([.. OnePerGate(scales, units).Select(s => QuantizedMultiplier.From((double)s / GateInputScale))]);
        bool isLstm = cell.Cell == RecurrentCellKind.Lstm;
        double stateScale = isLstm ? (double)GateOutputScale * GateOutputScale : GateOutputScale;
        QuantizedMultiplier output = QuantizedMultiplier.From(stateScale / y.Scale);
        int[] parameters = [batch, steps, inputs, units, cell.TimeMajor ? 1 : 0, (int)cell.Form, y.ZeroPoint, output.Multiplier, output.Shift];
        if (isLstm)
        {
            (int[] own, QuantizationParameters inner) = CellState(cell);
            parameters = [.. parameters, .. own];
            operands.Add(context.State(y.Name + "/cell", TensorType.Int16, states, inner));
        }
        else
        {
            parameters = [.. parameters, cell.Cell != RecurrentCellKind.Gru ? SimpleCell : cell.ResetsBefore ? ResetBeforeCell : GatedCell];
            if (cell.Cell == RecurrentCellKind.Gru)
            {
                operands.Add(context.State(y.Name + "/wide", TensorType.Int16, states, new QuantizationParameters(GateOutputScale, 0)));
            }
        }

        context.Add(new BlobOperator(isLstm ? OperatorKind.UnidirectionalSequenceLstm : OperatorKind.RecurrentCell, node.Name, [.. operands], y)
        {
            Parameters = parameters,
            Weights = [.. inputWeights, .. stateWeights],
            Biases =
            [
                .. Weights.FoldZeroPoint(node.OptionalInput(3), channels, x.ZeroPoint, inputWeights, i => i / inputs),
                .. Weights.FoldZeroPoint(node.OptionalInput(4), channels, y.ZeroPoint, stateWeights, i => i / units),
            ],
            Multipliers = multipliers,
            Shifts = shifts,
            Scratch32 = 2 * channels,
        });
    }

    /// <summary>Rows of a constant table; other gathers are copies.</summary>
    public static bool TryLowerEmbedding(LoweringContext context, Node node)
    {
        Value table = node.Input(0);
        if (!table.IsConstant || ((Gather)node.Operator).Axis != 0 || node.Input(1).IsConstant)
        {
            return false;
        }

        if (table.Constant is not { Type: ElementType.Int8 } constant || table.Quantization is not { IsPerTensor: true } quantization || !quantization.Equals(node.Output.Quantization))
        {
            throw new UnsupportedException($"its table '{table.Name}' is not int8 with the quantization parameters of its output");
        }

        BlobTensor indices = context.AnyTensor(node.Input(1));
        if (indices.Type != TensorType.Int32)
        {
            throw new UnsupportedException($"its indices '{indices.Name}' are {indices.Type}, not int32");
        }

        context.Add(new BlobOperator(OperatorKind.Embedding, node.Name, [indices], context.Define(node.Output))
        {
            Parameters = [table.Shape[0], table.Shape.ElementCount / table.Shape[0]],
            Weights = constant.Int8s,
        });
        return true;
    }

    /// <summary>The LSTM's own parameters (lstm_eval_common: CreateInterGateMulParams, CreateLstmCellStateInfo), and the scale of its cell state.</summary>
    private static (int[] Parameters, QuantizationParameters State) CellState(Recurrent cell)
    {
        float scale = cell.CellScale > 0 ? cell.CellScale : DefaultCellScale;
        int fraction = -(int)Math.Round(Math.Log2(scale));
        if (fraction is < 0 or > 15 || Math.Abs(Math.Log2(scale) + fraction) >= 1e-3)
        {
            throw new UnsupportedException($"the scale {scale} of its cell state is no power of two from 2^-15 to 1");
        }

        QuantizedMultiplier forget = QuantizedMultiplier.From((double)GateOutputScale * scale / scale);
        QuantizedMultiplier input = QuantizedMultiplier.From((double)GateOutputScale * GateOutputScale / scale);
        int clip = (int)Math.Min((double)cell.CellClip / scale, short.MaxValue);
        return ([fraction, clip, forget.Multiplier, forget.Shift, input.Multiplier, input.Shift], new QuantizationParameters(scale, 0));
    }

    private static float[] Scales(Node node, QuantizationParameters quantization, int channels) =>
        quantization.IsPerTensor ? [.. Enumerable.Repeat(quantization.Scale, channels)]
        : quantization.Axis == 0 && quantization.Scales.Length == channels ? quantization.Scales
        : throw new UnsupportedException($"the weights of {node} have {quantization.Scales.Length} scales for {channels} rows");

    /// <summary>One scale for each gate of either product, where all rows of each gate have the same; otherwise all.</summary>
    private static float[] OnePerGate(float[] scales, int units)
    {
        float[][] gates = [.. scales.Chunk(units)];
        return Array.TrueForAll(gates, g => g.Distinct().Count() == 1) ? Array.ConvertAll(gates, g => g[0]) : scales;
    }
}
