namespace TinyInference.Converter.Execution;

using TinyInference.Converter.Graphs;

/// <summary>Checks of a graph against itself. Importers and passes give consistent graphs: what fails here is an internal error.</summary>
internal static class Check
{
    /// <exception cref="InvalidOperationException">The condition does not hold.</exception>
    public static void That(Node node, bool condition, string what)
    {
        if (!condition)
        {
            throw new InvalidOperationException($"{node}: {what}");
        }
    }

    /// <exception cref="InvalidOperationException">The node's output has another shape than the operator gives.</exception>
    public static void Output(Node node, params ReadOnlySpan<int> computed)
    {
        if (!node.Output.Shape.AsSpan().SequenceEqual(computed))
        {
            throw new InvalidOperationException($"{node}: computes {new Shape(computed)}, but its output is stated as {node.Output.Shape}");
        }
    }

    /// <exception cref="InvalidOperationException">Input <paramref name="index"/> has another rank.</exception>
    public static Shape Rank(Node node, int index, int rank)
    {
        Shape shape = node.Input(index).Shape;
        That(node, shape.Rank == rank, $"input {index} has shape {shape}, not {rank} dimensions");
        return shape;
    }

    /// <exception cref="InvalidOperationException"><paramref name="from"/> cannot be broadcast to <paramref name="to"/>.</exception>
    public static void Broadcasts(Node node, Shape from, Shape to)
    {
        bool fits = from.Rank <= to.Rank;
        for (int i = 1; fits && i <= from.Rank; i++)
        {
            fits = from[-i] == 1 || from[-i] == to[-i];
        }

        That(node, fits, $"{from} does not broadcast to {to}");
    }

    /// <exception cref="InputException">A tensor of the node is not real-valued.</exception>
    public static void Reals(Node node)
    {
        foreach (Value value in node.Inputs.OfType<Value>().Concat(node.Outputs))
        {
            if (FakeQuantization.FlowType(value) != ElementType.Float32)
            {
                throw new InputException($"{node} computes with reals, but tensor '{value.Name}' is of type {value.Type} without quantization parameters");
            }
        }
    }

    /// <exception cref="InputException">Inputs and output are not all of one element type.</exception>
    public static ElementType SameType(Node node)
    {
        ElementType type = FakeQuantization.FlowType(node.Output);
        foreach (Value value in node.Inputs.OfType<Value>())
        {
            if (FakeQuantization.FlowType(value) != type)
            {
                throw new InputException($"{node} gives {type}, but its input '{value.Name}' is of type {FakeQuantization.FlowType(value)}");
            }
        }

        return type;
    }
}
