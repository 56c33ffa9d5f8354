namespace TinyInference.Converter.Import.Onnx.Operators;

using TinyInference.Converter.Graphs;

/// <summary>
/// LSTM, GRU and RNN, beginning with a state of 0: gates are ordered in the graph as they are here. A direction that goes backwards reads its sequence reversed, and what it
/// gives is reversed again.
/// </summary>
internal static class RecurrentOperators
{
    // Inputs of all three, and the LSTM's own.
    private const int Bias = 3;
    private const int Lengths = 4;
    private const int InitialState = 5;
    private const int InitialCell = 6;
    private const int Peepholes = 7;

    /// <summary>A handler whose outputs are all states [steps, directions, batch, units], and the last ones [directions, batch, units].</summary>
    public static Handler Of(RecurrentCellKind kind) => (node, builder) => Import(node, builder, kind);

    private static Value[] Import(OnnxNode node, OnnxGraphBuilder builder, RecurrentCellKind kind)
    {
        bool[] reversed = node.Text("direction", "forward") switch
        {
            "forward" => [false],
            "reverse" => [true],
            "bidirectional" => [false, true],
            var other => throw node.Fault($"attribute 'direction' is '{other}'; forward, reverse or bidirectional is needed"),
        };
        if (node.Flag("input_forget"))
        {
            throw node.Unsupported("its input and forget gate are coupled (input_forget 1): export it with gates of their own");
        }

        bool batchFirst = node.Flag("layout");
        Value x = node.Reals(0);
        if (x.Shape.Rank != 3 || x.Shape.ElementCount == 0)
        {
            throw node.Fault($"its input has the shape {x.Shape}; steps, batch and numbers of a step are needed");
        }

        (int steps, int batch) = batchFirst ? (x.Shape[1], x.Shape[0]) : (x.Shape[0], x.Shape[1]);
        CheckStates(node, builder, steps, kind == RecurrentCellKind.Lstm);

        // One sequence has its elements in the same order either way.
        bool timeMajor = batch > 1 && !batchFirst;
        Value sequence = batch == 1 ? builder.Reshape(node, x, new Shape(1, steps, x.Shape[2])) : x;
        var cell = new Recurrent(kind, TimeMajor: timeMajor, ResetsBefore: kind == RecurrentCellKind.Gru && !node.Flag("linear_before_reset"));
        RecurrentWeights[] weights = RecurrentWeights.Of(node, builder, cell, reversed.Length, x.Shape[2]);
        int units = weights[0].Units;
        Shape states = OnnxGraphBuilder.CheckedShape(node, timeMajor ? [steps, batch, units] : [batch, steps, units]);
        int axis = timeMajor ? 0 : 1;
        var all = new Value[reversed.Length];
        var last = new Value[reversed.Length];
        for (int d = 0; d < reversed.Length; d++)
        {
            Value run = reversed[d] ? Reverse(node, builder, sequence, axis) : sequence;
            run = builder.Emit(node, cell with { Form = weights[d].Form }, new TensorType(ElementType.Float32, states), [run, .. weights[d].Operands]);
            all[d] = builder.Reshape(node, reversed[d] ? Reverse(node, builder, run, axis) : run, batchFirst ? new Shape(batch, steps, 1, units) : new Shape(steps, 1, batch, units));
            if (node.HasOutput(1))
            {
                int[] begin = [0, 0, 0];
                begin[axis] = steps - 1;
                Value end = builder.Emit(node, new Slice(begin, [1, 1, 1]), TensorType.Like(run, states.With(axis, 1)), run);
                last[d] = builder.Reshape(node, end, batchFirst ? new Shape(batch, 1, units) : new Shape(1, batch, units));
            }
        }

        Value y = Join(node, builder, all, batchFirst ? 2 : 1);
        return node.HasOutput(1) ? [y, Join(node, builder, last, batchFirst ? 1 : 0)] : [y];
    }

    private static Value Reverse(OnnxNode node, OnnxGraphBuilder builder, Value x, int axis)
    {
        int[] begin = [0, 0, 0], step = [1, 1, 1];
        begin[axis] = x.Shape[axis] - 1;
        step[axis] = -1;
        return builder.Emit(node, new Slice(begin, step), TensorType.Like(x, x.Shape), x);
    }

    private static Value Join(OnnxNode node, OnnxGraphBuilder builder, Value[] parts, int axis) => parts.Length == 1 ? parts[0]
        : builder.Emit(node, new Concat(axis), TensorType.Like(parts[0], parts[0].Shape.With(axis, parts.Length)), parts);

    private static void CheckStates(OnnxNode node, OnnxGraphBuilder builder, int steps, bool isLstm)
    {
        if (node.OptionalInput(Lengths) is { } given && builder.TryConstant(given) is null)
        {
            throw node.Unsupported($"its sequence lengths '{node.InputNames[Lengths]}' are computed or an input: export it for sequences of one length, without them");
        }

        if (builder.OptionalInt64s(node, Lengths) is { } lengths && Array.Exists(lengths, l => l != steps))
        {
            throw node.Unsupported($"its sequences are of {string.Join(", ", lengths)} steps; all must have {steps}");
        }

        CheckIsZero(node, builder, InitialState, "it begins with the state", "a run begins with a state of 0, and a device keeps the state by itself: export it without an initial state");
        if (isLstm)
        {
            CheckIsZero(node, builder, InitialCell, "it begins with the cell state", "a run begins with a state of 0, and a device keeps the state by itself: export it without an initial state");
            CheckIsZero(node, builder, Peepholes, "it has the peepholes", "there are none here: train and export it without them");
        }

        if (node.HasOutput(2))
        {
            throw node.Unsupported($"its last cell state '{node.OutputNames[2]}' is read; only the states are there: export the network without it");
        }
    }

    /// <summary>Input <paramref name="index"/> may be there if it is 0.</summary>
    private static void CheckIsZero(OnnxNode node, OnnxGraphBuilder builder, int index, string what, string but)
    {
        if (node.OptionalInput(index) is { } value && (builder.TryConstant(value) is not { } constant || Array.Exists(constant.ToFloats(), v => v != 0)))
        {
            throw node.Unsupported($"{what} '{node.InputNames[index]}', but {but}");
        }
    }
}
