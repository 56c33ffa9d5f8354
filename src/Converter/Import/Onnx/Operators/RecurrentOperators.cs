namespace TinyInference.Converter.Import.Onnx.Operators;

using TinyInference.Converter.Graphs;

/// <summary>LSTM, GRU and RNN, forward and with their default activations, beginning with a state of 0: gates are ordered in the graph as they are here.</summary>
internal static class RecurrentOperators
{
    // Inputs of all three, and the LSTM's own.
    private const int Bias = 3;
    private const int Lengths = 4;
    private const int InitialState = 5;
    private const int InitialCell = 6;
    private const int Peepholes = 7;

    private static readonly string[] s_gated = ["Sigmoid", "Tanh"];

    /// <summary>A handler whose outputs are all states [steps, 1, batch, units], and the last one [1, batch, units].</summary>
    public static Handler Of(RecurrentCellKind kind) => (node, builder) => Import(node, builder, new Recurrent(kind));

    private static Value[] Import(OnnxNode node, OnnxGraphBuilder builder, Recurrent cell)
    {
        CheckAttributes(node, cell);
        bool batchFirst = node.Flag("layout");
        Value x = node.Reals(0);
        if (x.Shape.Rank != 3 || x.Shape.ElementCount == 0)
        {
            throw node.Fault($"its input has the shape {x.Shape}; steps, batch and numbers of a step are needed");
        }

        (int steps, int batch) = batchFirst ? (x.Shape[1], x.Shape[0]) : (x.Shape[0], x.Shape[1]);
        int inputs = x.Shape[2];
        Tensor recurrence = Weights(node, builder, 2);
        int units = recurrence.Shape.Rank == 3 ? recurrence.Shape[2] : 0;
        int width = checked(cell.Gates * units);
        if (units == 0 || node.Int("hidden_size", units) != units)
        {
            throw node.Fault($"attribute 'hidden_size' and its weights {recurrence.Shape} do not fit");
        }

        CheckStates(node, builder, steps, cell.Cell == RecurrentCellKind.Lstm);
        List<Value> operands =
        [
            batch == 1 ? builder.Reshape(node, x, new Shape(1, steps, inputs)) : x,
            Constant(node, builder, Weights(node, builder, 1), width, inputs), Constant(node, builder, recurrence, width, units),
        ];
        if (node.OptionalInput(Bias) is not null)
        {
            float[] biases = Weights(node, builder, Bias).Floats;
            if (biases.Length != 2 * width)
            {
                throw node.Fault($"its input '{node.InputNames[Bias]}' has {biases.Length} elements, {2 * width} are needed");
            }

            operands.Add(builder.Constant(node, new Tensor(new Shape(width), biases[..width])));
            operands.Add(builder.Constant(node, new Tensor(new Shape(width), biases[width..])));
        }

        // One sequence has its elements in the same order either way.
        bool timeMajor = batch > 1 && !batchFirst;
        Shape states = OnnxGraphBuilder.CheckedShape(node, timeMajor ? [steps, batch, units] : [batch, steps, units]);
        Value all = builder.Emit(node, cell with { TimeMajor = timeMajor }, new TensorType(ElementType.Float32, states), [.. operands]);
        Value y = builder.Reshape(node, all, batchFirst ? new Shape(batch, steps, 1, units) : new Shape(steps, 1, batch, units));
        if (!node.HasOutput(1))
        {
            return [y];
        }

        int axis = timeMajor ? 0 : 1;
        int[] begin = [0, 0, 0];
        begin[axis] = steps - 1;
        Value last = builder.Emit(node, new Slice(begin, [1, 1, 1]), TensorType.Like(all, states.With(axis, 1)), all);
        return [y, builder.Reshape(node, last, batchFirst ? new Shape(batch, 1, units) : new Shape(1, batch, units))];
    }

    private static void CheckAttributes(OnnxNode node, Recurrent cell)
    {
        if (node.Text("direction", "forward") is var direction and not "forward")
        {
            throw node.Unsupported($"it runs {direction}; only forward is supported");
        }

        if (cell.Cell == RecurrentCellKind.Gru && !node.Flag("linear_before_reset"))
        {
            throw node.Unsupported("its reset gate acts before the state's weights (linear_before_reset 0); only 1 is supported");
        }

        string[] activations = cell.Cell switch
        {
            RecurrentCellKind.SimpleRnn => ["Tanh"],
            RecurrentCellKind.Gru => s_gated,
            _ => [.. s_gated, "Tanh"],
        };
        if (node.Texts("activations") is { } stated && !stated.SequenceEqual(activations, StringComparer.OrdinalIgnoreCase))
        {
            throw node.Unsupported($"its activations are {string.Join(", ", stated)}; only {string.Join(", ", activations)} are supported");
        }

        if (node.Has("clip") || node.Flag("input_forget"))
        {
            throw node.Unsupported($"attribute '{(node.Has("clip") ? "clip" : "input_forget")}' is not supported");
        }
    }

    private static void CheckStates(OnnxNode node, OnnxGraphBuilder builder, int steps, bool isLstm)
    {
        if (builder.OptionalInt64s(node, Lengths) is { } lengths && Array.Exists(lengths, l => l != steps))
        {
            throw node.Unsupported($"its sequences are of {string.Join(", ", lengths)} steps; all must have {steps}");
        }

        foreach (int input in isLstm ? new[] { InitialState, InitialCell, Peepholes } : [InitialState])
        {
            if (node.OptionalInput(input) is not null && Array.Exists(builder.RequireConstant(node, input).ToFloats(), v => v != 0))
            {
                throw node.Unsupported($"its input '{node.InputNames[input]}' is not 0: {(input == Peepholes ? "there are no peepholes" : "a run begins with a state of 0")}");
            }
        }

        if (node.HasOutput(2))
        {
            throw node.Unsupported("its last cell state is read; only the states are there");
        }
    }

    private static Tensor Weights(OnnxNode node, OnnxGraphBuilder builder, int input)
    {
        Tensor tensor = builder.RequireConstant(node, input);
        return tensor.Type == ElementType.Float32 ? tensor : throw node.Fault($"its input '{node.InputNames[input]}' is of type {tensor.Type}; float is needed");
    }

    private static Value Constant(OnnxNode node, OnnxGraphBuilder builder, Tensor weights, int rows, int columns) => weights.Shape.Equals(new Shape(1, rows, columns))
        ? builder.Constant(node, weights.Reshape(new Shape(rows, columns)))
        : throw node.Fault($"it has weights of the shape {weights.Shape}; 1x{rows}x{columns} is needed");
}
