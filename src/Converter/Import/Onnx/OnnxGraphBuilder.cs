namespace TinyInference.Converter.Import.Onnx;

using TinyInference.Converter.Graphs;

/// <summary>
/// Grows the <see cref="Graph"/> of one import: names, constants, and nodes, of which those with constant inputs are computed
/// at once. Shapes are checked before anything is allocated for them.
/// </summary>
internal sealed class OnnxGraphBuilder(IReadOnlyDictionary<string, Tensor> offered)
{
    /// <summary>No tensor may have more elements: far beyond any microcontroller, far below the machine's memory.</summary>
    public const int MaxElements = 1 << 26;

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _suffixes = new(StringComparer.Ordinal);
    private readonly HashSet<Value> _inputs = [];
    private long _foldingBudget = MaxElements;

    public Graph Graph { get; } = new();

    /// <summary>What the user should know of the import, one line each.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>What classifiers give: for each class a score.</summary>
    public HashSet<Value> Scores { get; } = [];

    /// <summary>The classes that classifiers choose by those scores.</summary>
    public HashSet<Value> Choices { get; } = [];

    /// <summary>Keeps the file's names for the file's tensors.</summary>
    public void Reserve(string name) => _names.Add(name);

    public void AddInput(Value input)
    {
        Graph.Inputs.Add(input);
        _inputs.Add(input);
    }

    public bool IsInput(Value value) => _inputs.Contains(value);

    /// <summary>A shape of checked extent.</summary>
    public static Shape CheckedShape(OnnxNode node, params ReadOnlySpan<long> dimensions)
    {
        if (dimensions.Length > 16)
        {
            throw node.Fault($"a tensor has {dimensions.Length} dimensions");
        }

        long count = 1;
        var result = new int[dimensions.Length];
        for (int i = 0; i < result.Length; i++)
        {
            if (dimensions[i] < 0 || dimensions[i] > MaxElements || (count *= dimensions[i]) > MaxElements)
            {
                throw node.Fault($"the shape {string.Join('x', dimensions.ToArray())} is not possible or too large");
            }

            result[i] = (int)dimensions[i];
        }

        return new Shape(result);
    }

    /// <summary>A new constant that <paramref name="node"/> uses.</summary>
    public Value Constant(OnnxNode node, Tensor tensor, QuantizationParameters? quantization = null) =>
        new(NewName(Stem(node)), tensor) { Quantization = quantization };

    public Value Scalar(OnnxNode node, float value) => Constant(node, Tensor.Scalar(value));

    /// <summary>
    /// Whether <paramref name="value"/> is a constant of integers that stand for reals (a DequantizeLinear of a constant). Those
    /// operators that can take such weights as they are do; all others get them as floats.
    /// </summary>
    public static bool IsDequantizedConstant(Value value) => value is { IsConstant: true, Quantization: not null };

    /// <summary>The data of <paramref name="value"/> if it is known now: a constant, or an input whose data the caller offered.</summary>
    public Tensor? TryConstant(Value? value) => value is null ? null
        : value.Constant ?? (IsInput(value) ? offered.GetValueOrDefault(value.Name) : null);

    /// <summary>The data of input <paramref name="index"/>, which must be known now.</summary>
    public Tensor RequireConstant(OnnxNode node, int index) => TryConstant(node.Input(index))
        ?? throw node.Unsupported($"its input '{node.InputNames[index]}' is computed by the network, but must be constant");

    /// <summary>Integers (axes, shapes, pads) of a constant input; null where it is left out.</summary>
    public long[]? OptionalInt64s(OnnxNode node, int index)
    {
        if (node.OptionalInput(index) is null)
        {
            return null;
        }

        Tensor tensor = RequireConstant(node, index);
        return tensor.Type is ElementType.Int64 or ElementType.Int32 && tensor.Shape.Rank <= 1 ? tensor.ToInt64s()
            : throw node.Fault($"its input '{node.InputNames[index]}' must be a list of integers");
    }

    /// <summary>A number in a constant input; null where it is left out.</summary>
    public float? OptionalFloat(OnnxNode node, int index)
    {
        if (node.OptionalInput(index) is null)
        {
            return null;
        }

        Tensor tensor = RequireConstant(node, index);
        if (tensor.Shape.ElementCount != 1)
        {
            throw node.Fault($"its input '{node.InputNames[index]}' must be one number");
        }

        float value = tensor.ToFloats()[0];
        return float.IsNaN(value) ? throw node.Fault($"its input '{node.InputNames[index]}' is not a number") : value;
    }

    /// <summary>The result of <paramref name="op"/>: a constant where all inputs are, else the output of a new node.</summary>
    public Value Emit(OnnxNode node, Operator op, TensorType type, params Value?[] inputs)
    {
        if (type.Shape.ElementCount > MaxElements)
        {
            throw node.Fault($"the shape {type.Shape} is too large");
        }

        if (Array.TrueForAll(inputs, i => i is null || i.IsConstant) && Fold(node, op, type, inputs) is { } constant)
        {
            // What is left of one tensor of the file goes by that tensor's name.
            return new Value(NewName(inputs.Length == 1 ? inputs[0]!.Name : Stem(node)), constant) { Quantization = type.Quantization };
        }

        var output = new Value(NewName(Stem(node)), type.Type, type.Shape) { Quantization = type.Quantization };
        Graph.Nodes.Add(new Node(node.Name, op, inputs, [output]));
        return output;
    }

    /// <summary>x with its dimensions permuted; x itself where that changes nothing.</summary>
    public Value Transpose(OnnxNode node, Value x, params int[] permutation)
    {
        bool same = true;
        for (int i = 0; i < permutation.Length; i++)
        {
            same &= permutation[i] == i;
        }

        if (same)
        {
            return x;
        }

        var type = TensorType.Like(x, new Shape(Array.ConvertAll(permutation, p => x.Shape[p])));
        if (x.Quantization is { IsPerTensor: false } q)
        {
            type = type with { Quantization = q with { Axis = Array.IndexOf(permutation, q.Axis) } };
        }

        return Emit(node, new Transpose(permutation), type, x);
    }

    /// <summary>x under another shape of as many elements; x itself where that changes nothing.</summary>
    public Value Reshape(OnnxNode node, Value x, Shape shape) => x.Shape.Equals(shape) ? x
        : x.Shape.ElementCount == shape.ElementCount ? Emit(node, new Reshape(), TensorType.Like(x, shape), x)
        : throw node.Fault($"a tensor of shape {x.Shape} cannot have the shape {shape}");

    /// <summary>N,C,spatial... to N,spatial...,C.</summary>
    public Value ChannelsLast(OnnxNode node, Value x)
    {
        int rank = x.Shape.Rank;
        int[] permutation = [.. Enumerable.Range(0, rank).Select(i => i == 0 ? 0 : i == rank - 1 ? 1 : i + 1)];
        return rank < 3 ? x : Transpose(node, x, permutation);
    }

    /// <summary>N,spatial...,C to N,C,spatial...</summary>
    public Value ChannelsFirst(OnnxNode node, Value x)
    {
        int rank = x.Shape.Rank;
        int[] permutation = [.. Enumerable.Range(0, rank).Select(i => i == 0 ? 0 : i == 1 ? rank - 1 : i - 1)];
        return rank < 3 ? x : Transpose(node, x, permutation);
    }

    /// <summary>[N,C,H,W] or [N,C,L] to [N,H,W,C], H being 1 in the second case.</summary>
    public Value ToImage(OnnxNode node, Value x)
    {
        int rank = x.Shape.Rank;
        if (rank is not (3 or 4))
        {
            throw node.Unsupported($"its input has the shape {x.Shape}; only one and two spatial dimensions are supported");
        }

        Value last = ChannelsLast(node, x);
        return rank == 4 ? last : Reshape(node, last, new Shape(x.Shape[0], 1, x.Shape[2], x.Shape[1]));
    }

    /// <summary>The reverse of <see cref="ToImage"/>, to <paramref name="rank"/> dimensions.</summary>
    public Value FromImage(OnnxNode node, Value y, int rank) =>
        ChannelsFirst(node, rank == 4 ? y : Reshape(node, y, new Shape(y.Shape[0], y.Shape[2], y.Shape[3])));

    /// <summary>The shape that NumPy gives two operands.</summary>
    public static Shape BroadcastShape(OnnxNode node, Shape a, Shape b)
    {
        var result = new long[Math.Max(a.Rank, b.Rank)];
        for (int i = 1; i <= result.Length; i++)
        {
            int x = i <= a.Rank ? a[-i] : 1;
            int y = i <= b.Rank ? b[-i] : 1;
            result[^i] = x == y || y == 1 ? x : x == 1 ? y : throw node.Fault($"the shapes {a} and {b} do not fit");
        }

        return CheckedShape(node, result);
    }

    /// <summary>Takes <paramref name="elements"/> from what folding may still allocate.</summary>
    public void Spend(OnnxNode node, long elements)
    {
        _foldingBudget -= elements;
        if (_foldingBudget < 0)
        {
            throw node.Fault($"the constants that the file computes have more than {MaxElements} elements");
        }
    }

    private Tensor? Fold(OnnxNode node, Operator op, TensorType type, Value?[] inputs)
    {
        if (op is Quantize or Dequantize || (type.Quantization is { IsPerTensor: false } && op is not Graphs.Transpose))
        {
            return null;
        }

        Spend(node, type.Shape.ElementCount);
        return ConstantEvaluator.TryEvaluate(op, [.. inputs.Select(i => i!.Constant!)], type);
    }

    private static string Stem(OnnxNode node) => node.OutputNames.FirstOrDefault(o => o.Length > 0) ?? node.Name;

    private string NewName(string stem)
    {
        string name;
        do
        {
            int count = _suffixes.GetValueOrDefault(stem) + 1;
            _suffixes[stem] = count;
            name = $"{stem}/{count}";
        }
        while (!_names.Add(name));

        return name;
    }
}
