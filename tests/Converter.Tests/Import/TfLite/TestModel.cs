using System.Runtime.InteropServices;
using TinyInference.Converter.Import.TfLite;

namespace Converter.Tests.Import.TfLite;

using TinyInference.Converter.Graphs;

/// <summary>A TensorFlow Lite file put together tensor by tensor.</summary>
internal sealed class TestModel
{
    private readonly List<FlatTableData> _tensors = [];
    private readonly List<FlatTableData> _operators = [];
    private readonly List<FlatTableData> _codes = [];
    private readonly List<FlatTableData> _buffers = [[]];
    private readonly List<int> _inputs = [];
    private readonly List<int> _outputs = [];

    public uint Version { get; set; } = 3;

    public List<FlatTableData> Tensors => _tensors;

    public List<FlatTableData> Operators => _operators;

    public List<FlatTableData> Buffers => _buffers;

    public List<int> Inputs => _inputs;

    public List<int> Outputs => _outputs;

    public int Tensor(string name, int[] shape, TensorType type = TensorType.FLOAT32, float scale = 0, int zeroPoint = 0)
    {
        var tensor = new FlatTableData { [0] = shape, [1] = (byte)type, [2] = 0u, [3] = name };
        if (scale != 0)
        {
            tensor[4] = new FlatTableData { [2] = new[] { scale }, [3] = new[] { (long)zeroPoint } };
        }

        _tensors.Add(tensor);
        return _tensors.Count - 1;
    }

    public int Input(string name, int[] shape, TensorType type = TensorType.FLOAT32, float scale = 0, int zeroPoint = 0)
    {
        int index = Tensor(name, shape, type, scale, zeroPoint);
        _inputs.Add(index);
        return index;
    }

    public int Output(string name, int[] shape, TensorType type = TensorType.FLOAT32, float scale = 0, int zeroPoint = 0)
    {
        int index = Tensor(name, shape, type, scale, zeroPoint);
        _outputs.Add(index);
        return index;
    }

    public int Constant<T>(string name, int[] shape, T[] data, TensorType type, float[]? scales = null, long[]? zeroPoints = null, int axis = 0)
        where T : unmanaged
    {
        int index = Tensor(name, shape, type);
        _buffers.Add(new FlatTableData { [0] = MemoryMarshal.AsBytes(data.AsSpan()).ToArray() });
        _tensors[index][2] = (uint)(_buffers.Count - 1);
        if (scales is not null)
        {
            _tensors[index][4] = new FlatTableData { [2] = scales, [3] = zeroPoints ?? new long[scales.Length], [6] = axis };
        }

        return index;
    }

    public int Ints(string name, params int[] values) => Constant(name, [values.Length], values, TensorType.INT32);

    public int Floats(string name, int[] shape) => Constant(name, shape, [.. Enumerable.Range(1, shape.Aggregate(1, static (a, b) => a * b)).Select(static i => i / 8f)], TensorType.FLOAT32);

    public void Operator(BuiltinOperator builtin, int[] inputs, int[] outputs, OptionsTable table = OptionsTable.None, FlatTableData? options = null, string? custom = null)
    {
        var code = new FlatTableData { [0] = (byte)Math.Min((int)builtin, 127), [3] = (int)builtin };
        if (custom is not null)
        {
            code[1] = custom;
        }

        _codes.Add(code);
        var entry = new FlatTableData { [0] = (uint)(_codes.Count - 1), [1] = inputs, [2] = outputs };
        if (options is not null)
        {
            entry[3] = (byte)table;
            entry[4] = options;
        }

        _operators.Add(entry);
    }

    public byte[] ToBytes() => FlatBufferWriter.Write("TFL3", new FlatTableData
    {
        [0] = Version,
        [1] = _codes.ToArray(),
        [2] = new[]
        {
            new FlatTableData
            {
                [0] = _tensors.ToArray(), [1] = _inputs.ToArray(), [2] = _outputs.ToArray(), [3] = _operators.ToArray(), [4] = "main",
            },
        },
        [4] = _buffers.ToArray(),
    });

    public Graph Import()
    {
        Graph graph = TfLiteImporter.Import(ToBytes(), "folder/test.tflite");
        GraphValidator.Validate(graph);
        return graph;
    }

    /// <summary>One float operator from "x" to "y".</summary>
    /// <param name="builtin">Which.</param>
    /// <param name="x">Shape of the input.</param>
    /// <param name="y">Shape of the output.</param>
    /// <param name="options">Fields of its option table.</param>
    /// <param name="table">Which option table.</param>
    /// <param name="more">Adds further inputs and gives their indices.</param>
    public static TestModel Single(
        BuiltinOperator builtin, int[] x, int[] y, FlatTableData? options = null, OptionsTable table = OptionsTable.None, Func<TestModel, int[]>? more = null)
    {
        var model = new TestModel();
        int input = model.Input("x", x);
        int[] further = more?.Invoke(model) ?? [];
        int output = model.Output("y", y);
        model.Operator(builtin, [input, .. further], [output], table, options);
        return model;
    }
}
