namespace TinyInference.Converter.Import.TfLite;

using TinyInference.Converter.Graphs;

/// <summary>One operator as the file has it. An absent optional input is -1.</summary>
/// <param name="Kind">The builtin's name, or CUSTOM with the custom operator's name.</param>
/// <param name="OptionsType">Which table <paramref name="Options"/> is: its number in the schema's union, 0 for none.</param>
internal sealed record OperatorEntry(int Index, BuiltinOperator Builtin, string Kind, int[] Inputs, int[] Outputs, int OptionsType, FlatTable Options)
{
    /// <summary>Dilation and padding of a convolution that was written as three operators; null where the options have them.</summary>
    public Window? Dilated { get; init; }
}

/// <summary>One tensor as the file has it.</summary>
/// <param name="Shape">Dimensions as stated; not checked yet.</param>
/// <param name="Signature">As <paramref name="Shape"/> with -1 for what is not known; empty where it says no more than the shape.</param>
internal sealed record TensorEntry(
    int Index, string Name, TensorType Type, int[] Shape, int[] Signature, bool HasRank, uint Buffer, uint ExternalBuffer, bool IsVariable, bool IsSparse, FlatTable Quantization)
{
    public string Display => Name.Length == 0 ? $"tensor {Index}" : $"tensor '{Name}'";

    /// <summary>Whether the file leaves dimension <paramref name="index"/> open.</summary>
    public bool IsOpen(int index) => Signature.Length == Shape.Length ? Signature[index] == -1 : Shape[index] == -1;
}

/// <summary>The parts of a TensorFlow Lite file that an import needs, by the field numbers of its schema (version 3).</summary>
internal sealed class TfLiteFile
{
    private const uint SchemaVersion = 3;

    /// <summary>Longer names are cut. TensorFlow joins the names of all that it fused, a few hundred characters.</summary>
    private const int LongestName = 1024;

    /// <summary>About what an operator takes in memory, for <see cref="FlatBuffer.Pay"/>.</summary>
    private const int OperatorCost = 64;

    private readonly FlatBuffer _file;
    private readonly FlatTable _model;
    private readonly FlatTable _subgraph;
    private readonly Dictionary<int, TensorEntry> _tensors = [];

    public TfLiteFile(byte[] bytes, string fileName)
    {
        _file = new FlatBuffer(bytes, fileName);
        _model = _file.Root();
        uint version = _model.UInt32(0);
        if (version != SchemaVersion)
        {
            throw new InputException($"{fileName}: schema version {version} is not supported, only {SchemaVersion}; convert the model again with a current TensorFlow");
        }

        if (_model.TableCount(2) == 0)
        {
            throw _file.Damaged("it has no subgraph");
        }

        _subgraph = _model.TableAt(2, 0);
        TensorCount = _subgraph.TableCount(0);
        Inputs = _subgraph.Int32s(1);
        Outputs = _subgraph.Int32s(2);
        Operators = ReadOperators();
    }

    public FlatBuffer Bytes => _file;

    public int TensorCount { get; }

    public int[] Inputs { get; }

    public int[] Outputs { get; }

    public IReadOnlyList<OperatorEntry> Operators { get; }

    /// <exception cref="InputException">There is no tensor <paramref name="index"/>.</exception>
    public TensorEntry Tensor(int index)
    {
        if (_tensors.TryGetValue(index, out TensorEntry? known))
        {
            return known;
        }

        if (index < 0 || index >= TensorCount)
        {
            throw _file.Damaged($"it refers to tensor {index}, but has {TensorCount}");
        }

        FlatTable table = _subgraph.TableAt(0, index);
        string name = table.Text(3);
        var entry = new TensorEntry(
            index, name.Length > LongestName ? name[..LongestName] : name, (TensorType)table.Byte(1), table.Int32s(0), table.Int32s(7), table.Bool(8), table.UInt32(2), table.UInt32(10),
            table.Bool(5), table.Has(6), table.Table(4));
        _tensors.Add(index, entry);
        return entry;
    }

    /// <summary>The bytes of a constant tensor; empty where the tensor is an activation.</summary>
    public ReadOnlySpan<byte> Data(TensorEntry tensor)
    {
        int buffers = _model.TableCount(4);
        if (tensor.Buffer >= buffers)
        {
            throw _file.Damaged($"{tensor.Display} refers to buffer {tensor.Buffer}, but there are {buffers}");
        }

        FlatTable buffer = _model.TableAt(4, (int)tensor.Buffer);
        ulong offset = buffer.UInt64(1);
        // Files beyond 2 GB keep the data after the FlatBuffer; offsets 0 and 1 mean that this one does not.
        return offset > 1
            ? _file.Slice((long)Math.Min(offset, long.MaxValue), (long)Math.Min(buffer.UInt64(2), long.MaxValue))
            : buffer.Bytes(0);
    }

    /// <summary>An operator for messages: its kind, its place, and what it makes.</summary>
    public string Describe(OperatorEntry entry)
    {
        string output = entry.Outputs.Length == 0 ? "without output" : $"output {Tensor(entry.Outputs[0]).Display}";
        return $"{entry.Kind} (operator {entry.Index}, {output})";
    }

    private List<OperatorEntry> ReadOperators()
    {
        int count = _subgraph.TableCount(3);
        var operators = new List<OperatorEntry>();
        for (int i = 0; i < count; i++)
        {
            _file.Pay(OperatorCost);
            FlatTable table = _subgraph.TableAt(3, i);
            uint codeIndex = table.UInt32(0);
            if (codeIndex >= _model.TableCount(1))
            {
                throw _file.Damaged($"operator {i} refers to operator code {codeIndex}, but there are {_model.TableCount(1)}");
            }

            FlatTable code = _model.TableAt(1, (int)codeIndex);
            // Old files have the number in a byte, new ones in an int; a file may fill in both.
            var builtin = (BuiltinOperator)Math.Max((sbyte)code.Byte(0), code.Int32(3));
            string kind = builtin == BuiltinOperator.CUSTOM ? $"CUSTOM '{code.Text(1)}'" : Enum.IsDefined(builtin) ? builtin.ToString() : $"builtin operator {(int)builtin}";
            operators.Add(new OperatorEntry(i, builtin, kind, table.Int32s(1), table.Int32s(2), table.Byte(3), table.Table(4)));
        }

        return operators;
    }
}
