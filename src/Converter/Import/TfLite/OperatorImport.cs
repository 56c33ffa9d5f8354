namespace TinyInference.Converter.Import.TfLite;

using TinyInference.Converter.Graphs;

/// <summary>
/// One operator on its way into the graph: what it reads, what it makes, and how to say that something is wrong with it.
/// </summary>
internal sealed class OperatorImport(TfLiteFile file, TensorValues values, Graph graph, OperatorEntry entry)
{
    /// <summary>Elements of a constant that may be computed from less.</summary>
    private const int SmallConstant = 1024;

    public OperatorEntry Entry => entry;

    public int InputCount => entry.Inputs.Length;

    public int OutputCount => entry.Outputs.Length;

    public FlatTable Options => entry.Options;

    public FlatBuffer File => file.Bytes;

    /// <summary>Input <paramref name="index"/>, which must be there.</summary>
    public Value Input(int index) => OptionalInput(index) ?? throw Malformed($"has no input {index}");

    public Value? OptionalInput(int index) => index < entry.Inputs.Length && entry.Inputs[index] != -1 ? values[entry.Inputs[index]] : null;

    public Value Output(int index = 0) => values[entry.Outputs[index]];

    /// <summary>The integers of a constant input (or one that was folded from shapes): a shape, axes, paddings.</summary>
    public int[] Integers(int index, string what)
    {
        Value value = Input(index);
        if (value.Constant is null)
        {
            throw Unsupported($"its {what} is computed from data");
        }

        File.Pay(value.Shape.ElementCount * 4L);
        return value.Type is ElementType.Int32 or ElementType.Int64
            ? value.Constant.ToInt32s()
            : throw Malformed($"has {what} of type {value.Type}");
    }

    /// <summary>As <see cref="Integers"/>, where there must be <paramref name="count"/> of them.</summary>
    public int[] Integers(int index, string what, int count)
    {
        int[] result = Integers(index, what);
        return result.Length == count ? result : throw Malformed($"has {result.Length} elements in its {what} instead of {count}");
    }

    /// <summary>An axis of a tensor of <paramref name="rank"/> dimensions, counted from the front.</summary>
    public int Axis(int axis, int rank) => axis >= -rank && axis < rank
        ? (axis < 0 ? axis + rank : axis)
        : throw Malformed($"has the axis {axis} for {rank} dimensions");

    public void RequireRank(Value value, int rank)
    {
        if (value.Shape.Rank != rank)
        {
            throw Malformed($"needs {rank} dimensions, but '{value.Name}' has the shape {value.Shape}");
        }
    }

    /// <summary>Checks that all are Float32 or all Int8 with one scale: what the arithmetic of networks is done in.</summary>
    public void RequireReals(params ReadOnlySpan<Value> operands)
    {
        foreach (Value operand in operands)
        {
            if (operand.Type is not (ElementType.Float32 or ElementType.Int8))
            {
                throw Unsupported($"'{operand.Name}' is {operand.Type}");
            }

            if (operand.Type != operands[0].Type)
            {
                throw Unsupported($"'{operands[0].Name}' is {operands[0].Type}, but '{operand.Name}' is {operand.Type}");
            }

            RequireOneScale(operand);
        }
    }

    /// <summary>Checks that elements are only moved: the same type before and after.</summary>
    public void RequireSameType(params ReadOnlySpan<Value> operands)
    {
        foreach (Value operand in operands)
        {
            if (operand.Type != operands[0].Type)
            {
                throw Malformed($"has '{operands[0].Name}' of {operands[0].Type}, but '{operand.Name}' of {operand.Type}");
            }

            RequireOneScale(operand);
        }
    }

    /// <summary>A shape from dimensions that arithmetic has made.</summary>
    public Shape MakeShape(params ReadOnlySpan<int> dimensions)
    {
        long count = 1;
        foreach (int dimension in dimensions)
        {
            count = dimension < 1 ? long.MaxValue : count * dimension;
            if (count > int.MaxValue)
            {
                throw Malformed($"would give the shape {string.Join('x', dimensions.ToArray())}");
            }
        }

        return new Shape(dimensions);
    }

    /// <summary>Adds the node that makes output 0.</summary>
    public void Emit(Operator op, Shape shape, params ReadOnlySpan<Value?> inputs) => EmitOutput(0, op, shape, inputs);

    /// <summary>Adds the node that makes output <paramref name="index"/> with the computed <paramref name="shape"/>.</summary>
    /// <exception cref="InputException">The file states another shape.</exception>
    public void EmitOutput(int index, Operator op, Shape shape, params ReadOnlySpan<Value?> inputs)
    {
        Value output = Output(index);
        SetShape(index, output, shape);
        Add(new Node(output.Name, op, inputs.ToArray(), [output]));
    }

    /// <summary>Makes output 0 a constant: no node is needed.</summary>
    public void Fold(Tensor data)
    {
        SetShape(0, Output(), data.Shape);
        Output().Constant = data;
    }

    /// <summary>Adds a node whose result the file does not know, and gives that result.</summary>
    public Value EmitBetween(string suffix, Operator op, Shape shape, ElementType type, QuantizationParameters? quantization, params ReadOnlySpan<Value?> inputs)
    {
        var value = new Value(values.UniqueName($"{Output().Name}/{suffix}"), type, shape) { Quantization = quantization };
        Add(new Node(value.Name, op, inputs.ToArray(), [value]));
        return value;
    }

    /// <summary>A constant that the file does not have as it is needed.</summary>
    public Value NewConstant(string name, Tensor data, QuantizationParameters? quantization = null) =>
        new(values.UniqueName(name), data) { Quantization = quantization };

    public UnsupportedException Unsupported(string why) => new($"{file.Describe(entry)}: {why}");

    public InputException Malformed(string why) => file.Bytes.Damaged($"{file.Describe(entry)} {why}");

    private void RequireOneScale(Value operand)
    {
        if (operand.Quantization is { IsPerTensor: false })
        {
            throw Unsupported($"'{operand.Name}' has one scale for each channel");
        }
    }

    private void SetShape(int index, Value output, Shape shape)
    {
        if (!Agrees(file.Tensor(entry.Outputs[index]), output.Shape, shape))
        {
            throw Malformed($"gives the shape {shape}, but the file states {output.Shape} for '{output.Name}'");
        }

        output.Shape = shape;
    }

    private void Add(Node node)
    {
        if (Computed(node) is { } constant)
        {
            node.Output.Constant = constant;
        }
        else
        {
            graph.Nodes.Add(node);
        }
    }

    /// <summary>
    /// The result of a node that reads constants only, or null. Converters write shapes as computations, and what comes after needs
    /// them as numbers. What would be larger than what it is made of is left to the graph's passes, as is quantized data.
    /// </summary>
    private Tensor? Computed(Node node)
    {
        Value output = node.Output;
        if (output.Quantization is not null || !node.Inputs.All(static v => v is { IsConstant: true, Quantization: null }))
        {
            return null;
        }

        long size = node.Inputs.Sum(static v => (long)v!.Shape.ElementCount);
        if (output.Shape.ElementCount > Math.Max(size, SmallConstant))
        {
            return null;
        }

        File.Pay((size + output.Shape.ElementCount) * sizeof(long));
        return ConstantEvaluator.TryEvaluate(node.Operator, [.. node.Inputs.Select(static v => v!.Constant!)], Import.TensorType.Like(output)) is { } result
            && result.Type == output.Type && result.Shape.Equals(output.Shape) ? result : null;
    }

    /// <summary>Whether a computed shape is what the file states; dimensions that it leaves open agree with anything.</summary>
    private static bool Agrees(TensorEntry tensor, Shape stated, Shape computed)
    {
        if (stated.Rank == 0 && !tensor.HasRank)
        {
            return true;
        }

        if (stated.Rank != computed.Rank)
        {
            return false;
        }

        for (int i = 0; i < stated.Rank; i++)
        {
            if (stated[i] != computed[i] && !tensor.IsOpen(i))
            {
                return false;
            }
        }

        return true;
    }
}
