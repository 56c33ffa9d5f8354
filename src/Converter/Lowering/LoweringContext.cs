using TinyInference.Converter.Quantization;

namespace TinyInference.Converter.Lowering;

using TinyInference.Converter.Graphs;

/// <summary>What the lowering methods write to: the program so far, and which tensor stands for which value.</summary>
internal sealed class LoweringContext(BlobProgram program)
{
    private const int MostRank = 6;
    private const int MostElements = 1 << 24;

    private readonly Dictionary<Value, BlobTensor> _tensors = [];
    private readonly Dictionary<Value, BlobTensor> _exponents = [];
    private BlobTensor? _noExponent;
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>The int8 tensor of an activation that is an input of the graph or the output of a lowered node.</summary>
    /// <exception cref="UnsupportedException">It is a constant, or holds plain integers.</exception>
    public BlobTensor Tensor(Value value)
    {
        BlobTensor tensor = AnyTensor(value);
        return tensor.Type == TensorType.Int8 ? tensor : throw new UnsupportedException($"its operand '{value.Name}' is {tensor.Type}, not int8");
    }

    /// <summary>As <see cref="Tensor"/>, of plain integers too.</summary>
    public BlobTensor AnyTensor(Value value) => _tensors.TryGetValue(value, out BlobTensor? tensor)
        ? tensor
        : throw new UnsupportedException($"'{value.Name}' is {(value.IsConstant ? "a constant" : "not computed by any operator")}");

    /// <summary>A new int8 tensor for an activation, in bytes of its own or in those of <paramref name="storage"/>.</summary>
    public BlobTensor Define(Value value, BlobTensor? storage = null)
    {
        CheckQuantization(value);
        return Define(value, TensorType.Int8, value.Quantization, storage);
    }

    /// <summary>A new int16 tensor for an activation with the zero point 0.</summary>
    public BlobTensor DefineWide(Value value)
    {
        if (value.Quantization is not { IsPerTensor: true, ZeroPoint: 0 } q || !float.IsNormal(q.Scale))
        {
            throw new UnsupportedException($"'{value.Name}' is int16 with the quantization {value.Quantization}; it needs one scale and the zero point 0");
        }

        return Define(value, TensorType.Int16, q, null);
    }

    /// <summary>A new int32 tensor for an activation of plain integers.</summary>
    public BlobTensor DefineIntegers(Value value, BlobTensor? storage = null)
    {
        if (value.Type is not (ElementType.Int32 or ElementType.Int64))
        {
            throw new UnsupportedException($"'{value.Name}' is {value.Type}, not int32");
        }

        return Define(value, TensorType.Int32, null, storage);
    }

    /// <summary>A new tensor of 32-bit sums that stand for reals.</summary>
    public BlobTensor DefineScores(Value value) => Define(value, TensorType.Int32, value.Quantization, null);

    /// <summary>A new tensor of the type that <paramref name="value"/> states.</summary>
    public BlobTensor DefineAny(Value value, BlobTensor? storage = null) => value.Type switch
    {
        ElementType.Int32 or ElementType.Int64 => DefineIntegers(value, storage),
        ElementType.Int16 when value.Quantization is { IsPerTensor: true } => Define(value, TensorType.Int16, value.Quantization, storage),
        ElementType.Float32 => Define(value, TensorType.Float32, null, storage),
        _ => Define(value, storage),
    };

    /// <summary>A new int8 tensor between the operators of one node.</summary>
    public BlobTensor Intermediate(string name, Shape shape, QuantizationParameters quantization) => Make(name, TensorType.Int8, shape, quantization, null);

    /// <summary>A tensor that keeps its value from run to run.</summary>
    public BlobTensor State(string name, TensorType type, Shape shape, QuantizationParameters quantization) => Make(name, type, shape, quantization, null, isState: true);

    /// <summary>The bytes of <paramref name="tensor"/> under another shape.</summary>
    public BlobTensor View(BlobTensor tensor, string name, Shape shape) =>
        shape.Equals(tensor.Shape) ? tensor : Make(name, tensor.Type, shape, tensor.Quantization, tensor);

    /// <summary>The exponent of an activation's scale: a state of one byte, which stays 0 where the scale is always the same.</summary>
    public BlobTensor ExponentOf(Value value) => value.HasDynamicScale ? _exponents[value] : _noExponent ??= MakeExponent("no exponent");

    /// <summary>A new exponent for a value.</summary>
    public BlobTensor DefineExponent(Value value)
    {
        BlobTensor exponent = MakeExponent(value.Name + "/exponent");
        _exponents.Add(value, exponent);
        return exponent;
    }

    /// <summary>A value that an operator only selects from or moves has the exponent of what it came from.</summary>
    public void ShareExponent(Value value, Value source) => _exponents.Add(value, _exponents[source]);

    public void Add(BlobOperator op) => program.Operators.Add(op);

    /// <summary><paramref name="tensor"/> under other quantization parameters: itself where they are the same, else through a table.</summary>
    public BlobTensor Requantize(Node node, BlobTensor tensor, QuantizationParameters quantization)
    {
        if (quantization.Equals(tensor.Quantization))
        {
            return tensor;
        }

        BlobTensor result = Intermediate(tensor.Name + "/requantized", tensor.Shape, quantization);
        AddLookup(node, tensor, result, Tables.Requantize(tensor.Quantization!, quantization, Clamp.None));
        return result;
    }

    /// <summary>
    /// Where an operator that cannot rescale writes: <paramref name="output"/> itself, or where its parameters differ from those of
    /// <paramref name="source"/> an intermediate tensor, from which <see cref="Finish"/> goes on.
    /// </summary>
    public BlobTensor SameScaleTarget(BlobTensor output, QuantizationParameters source) =>
        source.Equals(output.Quantization) ? output : Intermediate(output.Name + "/unscaled", output.Shape, source);

    /// <summary>Requantizes <paramref name="target"/> into <paramref name="output"/> where they are not the same tensor.</summary>
    public void Finish(Node node, BlobTensor target, BlobTensor output, Clamp clamp)
    {
        if (target != output)
        {
            AddLookup(node, target, output, Tables.Requantize(target.Quantization!, output.Quantization!, clamp));
        }
    }

    public void AddLookup(Node node, BlobTensor input, BlobTensor output, sbyte[] table) =>
        Add(new BlobOperator(OperatorKind.Lookup, node.Name, [input], output) { Weights = table });

    private static void CheckQuantization(Value value)
    {
        if (value.Type != ElementType.Int8)
        {
            throw new UnsupportedException($"'{value.Name}' is {value.Type}, not int8");
        }

        if (value.Quantization is not { } q)
        {
            throw new UnsupportedException($"'{value.Name}' is int8 without a scale");
        }

        if (!q.IsPerTensor || !float.IsNormal(q.Scale) || q.Scale <= 0 || q.ZeroPoint is < sbyte.MinValue or > sbyte.MaxValue)
        {
            throw new UnsupportedException($"'{value.Name}' has the quantization {q}; an activation needs one positive scale and a zero point from -128 to 127");
        }
    }

    private BlobTensor Define(Value value, TensorType type, QuantizationParameters? quantization, BlobTensor? storage)
    {
        BlobTensor tensor = Make(value.Name, type, value.Shape, quantization, storage);
        _tensors.Add(value, tensor);
        return tensor;
    }

    private BlobTensor MakeExponent(string name) => Make(name, TensorType.Int8, new Shape(1), null, null, isState: true);

    private BlobTensor Make(string name, TensorType type, Shape shape, QuantizationParameters? quantization, BlobTensor? storage, bool isState = false)
    {
        if (shape.Rank > MostRank || shape.ElementCount is 0 or > MostElements)
        {
            throw new UnsupportedException($"'{name}' has the shape {shape}; a blob holds at most {MostRank} dimensions and {MostElements} elements, and none of 0");
        }

        string unique = name;
        for (int i = 2; !_names.Add(unique); i++)
        {
            unique = $"{name}_{i}";
        }

        var tensor = new BlobTensor(unique, type, shape, quantization, storage) { IsState = isState };
        program.Tensors.Add(tensor);
        return tensor;
    }
}
