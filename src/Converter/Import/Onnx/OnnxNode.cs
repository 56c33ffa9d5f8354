using System.Text;

namespace TinyInference.Converter.Import.Onnx;

using TinyInference.Converter.Graphs;
using TinyInference.Converter.Import.Onnx.Schema;

/// <summary>One node of the file with its inputs resolved: arity and attributes are checked where they are asked for.</summary>
internal sealed class OnnxNode
{
    private readonly Dictionary<string, AttributeProto> _attributes = new(StringComparer.Ordinal);

    private readonly IReadOnlySet<string>? _read;

    /// <param name="opset">Version of the node's operator set.</param>
    /// <param name="read">The tensors that nodes or the file's outputs read; null where that is not known.</param>
    public OnnxNode(NodeProto proto, long opset, IReadOnlySet<string>? read = null)
    {
        _read = read;
        OpType = proto.OpType;
        Domain = proto.Domain == "ai.onnx" ? "" : proto.Domain;
        Opset = opset;
        InputNames = [.. proto.Input];
        OutputNames = [.. proto.Output];
        Name = proto.Name.Length > 0 ? proto.Name : OutputNames.FirstOrDefault(o => o.Length > 0) ?? "";
        foreach (AttributeProto attribute in proto.Attribute)
        {
            if (!_attributes.TryAdd(attribute.Name, attribute))
            {
                throw Fault($"attribute '{attribute.Name}' is there twice");
            }
        }
    }

    public string OpType { get; }

    /// <summary>"" for ai.onnx.</summary>
    public string Domain { get; }

    public string Name { get; }

    public long Opset { get; }

    public string[] InputNames { get; }

    public string[] OutputNames { get; }

    /// <summary>As many as <see cref="InputNames"/>; null where an optional input is left out.</summary>
    public Value?[] Inputs { get; set; } = [];

    /// <summary>Input <paramref name="index"/>, which the operator must have.</summary>
    public Value Input(int index) => OptionalInput(index) ?? throw Fault($"input {index} is missing");

    /// <summary>Input <paramref name="index"/>, which must be an activation of reals.</summary>
    public Value Reals(int index)
    {
        Value value = Input(index);
        return value.Type == ElementType.Float32 ? value : throw Fault($"its input '{InputNames[index]}' is of type {value.Type}; float is needed");
    }

    public Value? OptionalInput(int index) => index < Inputs.Length ? Inputs[index] : null;

    /// <summary>Whether somebody may read output <paramref name="index"/>; the first one counts as read. Exporters name outputs that nobody reads.</summary>
    public bool HasOutput(int index) => index < OutputNames.Length && OutputNames[index].Length > 0 && (index == 0 || _read?.Contains(OutputNames[index]) != false);

    public bool Has(string attribute) => _attributes.ContainsKey(attribute);

    public long Int(string name, long otherwise) => Find(name, 2) is { } a ? a.I : otherwise;

    public bool Flag(string name, bool otherwise = false) => Int(name, otherwise ? 1 : 0) != 0;

    public float Float(string name, float otherwise)
    {
        float value = Find(name, 1) is { } a ? a.F : otherwise;
        return float.IsNaN(value) ? throw Fault($"attribute '{name}' is not a number") : value;
    }

    public string Text(string name, string otherwise) => Find(name, 3) is { } a ? Encoding.UTF8.GetString(a.S.Span) : otherwise;

    public long[]? Ints(string name) => Find(name, 7) is { } a ? [.. a.Ints] : null;

    public float[]? Floats(string name) => Find(name, 6) is { } a ? [.. a.Floats] : null;

    public string[]? Texts(string name) => Find(name, 8) is { } a ? [.. a.Strings.Select(t => Encoding.UTF8.GetString(t.Span))] : null;

    public TensorProto? Tensor(string name) => Find(name, 4)?.T;

    /// <summary>Attribute <paramref name="name"/>: <paramref name="count"/> integers from <paramref name="min"/> to 2^20; null where absent.</summary>
    public int[]? SmallInts(string name, int count, int min)
    {
        if (Ints(name) is not { } values)
        {
            return null;
        }

        if (values.Length != count)
        {
            throw Fault($"attribute '{name}' has {values.Length} elements, {count} are needed");
        }

        return Array.ConvertAll(values, v => v >= min && v <= 1 << 20 ? (int)v
            : throw Fault($"attribute '{name}' has {v}, which is not in {min}..{1 << 20}"));
    }

    /// <summary>An axis of a tensor of <paramref name="rank"/> dimensions, made 0 or more.</summary>
    /// <param name="inclusive">Whether <paramref name="rank"/> itself will do (Flatten).</param>
    public int Axis(long axis, int rank, bool inclusive = false)
    {
        long positive = axis < 0 ? axis + rank : axis;
        return positive >= 0 && (positive < rank || (inclusive && positive == rank)) ? (int)positive
            : throw Fault($"axis {axis} is not one of {rank} dimensions");
    }

    /// <summary>Axes made 0 or more, each once, ascending.</summary>
    public int[] Axes(long[] axes, int rank)
    {
        int[] result = Array.ConvertAll(axes, a => Axis(a, rank));
        Array.Sort(result);
        for (int i = 1; i < result.Length; i++)
        {
            if (result[i] == result[i - 1])
            {
                throw Fault($"axis {result[i]} is named twice");
            }
        }

        return result;
    }

    /// <summary>The file contradicts itself or the specification here.</summary>
    public InputException Fault(string what) => new($"{this}: {what}");

    /// <summary>The file may be right, but this cannot be imported.</summary>
    public UnsupportedException Unsupported(string what) => new($"{this}: {what}");

    public override string ToString() => $"{(Domain.Length == 0 ? "" : Domain + ".")}{OpType} '{Name}'";

    private AttributeProto? Find(string name, int type)
    {
        if (!_attributes.TryGetValue(name, out AttributeProto? attribute))
        {
            return null;
        }

        // Type 0: files of IR version 1 do not say the type.
        return attribute.Type == type || attribute.Type == 0 ? attribute : throw Fault($"attribute '{name}' has type {attribute.Type} in place of {type}");
    }
}
