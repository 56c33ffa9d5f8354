namespace TinyInference.Converter.Import.Onnx.Operators;

using TinyInference.Converter.Graphs;

/// <summary>The weights of one direction of a recurrent layer, for the functions that the graph has.</summary>
/// <param name="Operands">W [gates * units, inputs], R [gates * units, units], and the biases of either product if there are any.</param>
internal sealed record RecurrentWeights(GateForm Form, int Units, Value[] Operands)
{
    // Inputs of the operator.
    private const int OfInput = 1;
    private const int OfState = 2;
    private const int Bias = 3;

    /// <summary>Those of each direction.</summary>
    /// <param name="inputs">Numbers of a step.</param>
    public static RecurrentWeights[] Of(OnnxNode node, OnnxGraphBuilder builder, Recurrent cell, int directions, int inputs)
    {
        Tensor recurrence = Floats(node, builder, OfState);
        int units = recurrence.Shape.Rank == 3 ? recurrence.Shape[2] : 0;
        if (units == 0 || node.Int("hidden_size", units) != units)
        {
            throw node.Fault($"attribute 'hidden_size' and its weights {recurrence.Shape} do not fit");
        }

        int width = checked(cell.Gates * units);
        CheckShape(recurrence, width, units);
        Tensor weights = Floats(node, builder, OfInput);
        CheckShape(weights, width, inputs);
        float[]? biases = node.OptionalInput(Bias) is null ? null : Floats(node, builder, Bias).Floats;
        if (biases is not null && biases.Length != directions * 2 * width)
        {
            throw node.Fault($"its input '{node.InputNames[Bias]}' has {biases.Length} elements, {directions * 2 * width} are needed");
        }

        RecurrentActivations[] activations = RecurrentActivations.Of(node, cell.Cell, directions);
        builder.Spend(node, weights.Shape.ElementCount + (long)recurrence.Shape.ElementCount);
        return [.. activations.Select((a, d) => One(a, d))];

        void CheckShape(Tensor tensor, int rows, int columns)
        {
            if (!tensor.Shape.Equals(new Shape(directions, rows, columns)))
            {
                throw node.Fault($"it has weights of the shape {tensor.Shape}; {directions}x{rows}x{columns} is needed");
            }
        }

        RecurrentWeights One(RecurrentActivations functions, int direction)
        {
            List<Value> operands = [Part(weights.Floats, direction, new Shape(width, inputs)), Part(recurrence.Floats, direction, new Shape(width, units))];
            if (biases is not null || functions.GateShift != 0)
            {
                float[] own = biases ?? new float[directions * 2 * width];
                Value first = Part(own, 2 * direction, new Shape(width)), second = Part(own, (2 * direction) + 1, new Shape(width));
                for (int i = 0; i < width - units; i++)
                {
                    first.Constant!.Floats[i] += functions.GateShift;
                }

                operands.AddRange([first, second]);
            }

            return new RecurrentWeights(functions.Form, units, [.. operands]);

            // The candidates' rows are the last ones.
            Value Part(float[] data, int index, Shape shape)
            {
                float[] part = data.AsSpan(index * shape.ElementCount, shape.ElementCount).ToArray();
                int candidates = part.Length / cell.Gates * (cell.Gates - 1);
                for (int i = 0; i < part.Length; i++)
                {
                    part[i] *= i < candidates ? functions.GateScale : functions.CandidateScale;
                }

                return builder.Constant(node, new Tensor(shape, part));
            }
        }
    }

    private static Tensor Floats(OnnxNode node, OnnxGraphBuilder builder, int input)
    {
        Tensor tensor = builder.RequireConstant(node, input);
        return tensor.Type == ElementType.Float32 ? tensor : throw node.Fault($"its input '{node.InputNames[input]}' is of type {tensor.Type}; float is needed");
    }
}
