namespace TinyInference.Converter.Graphs;

/// <summary>One operator at work in a <see cref="Graph"/>.</summary>
internal sealed class Node
{
    /// <param name="name">What the operator is called in the file it came from.</param>
    /// <param name="inputs">In the order that the operator states; an absent optional input in the middle is null, at the end left out.</param>
    public Node(string name, Operator op, IEnumerable<Value?> inputs, IEnumerable<Value> outputs)
    {
        Name = name;
        Operator = op;
        Inputs = [.. inputs];
        Outputs = [.. outputs];
    }

    public string Name { get; set; }

    public Operator Operator { get; set; }

    public List<Value?> Inputs { get; }

    public List<Value> Outputs { get; }

    /// <summary>The only or first output.</summary>
    public Value Output => Outputs[0];

    /// <summary>Input <paramref name="index"/>, which must be there.</summary>
    public Value Input(int index) => Inputs[index]!;

    /// <summary>Input <paramref name="index"/>, or null where it was left out.</summary>
    public Value? OptionalInput(int index) => index < Inputs.Count ? Inputs[index] : null;

    public override string ToString() => $"{Operator.Kind} '{Name}'";
}
