using Google.Protobuf;
using TinyInference.Converter.Import.Onnx;
using TinyInference.Converter.Import.Onnx.Schema;

namespace TinyInference.Converter.Tests.Import;

using TinyInference.Converter.Graphs;

/// <summary>Writes small ONNX files for tests.</summary>
internal sealed class OnnxModelBuilder(int opset = 17)
{
    private int _nodes;

    public ModelProto Model { get; } = new()
    {
        IrVersion = 8,
        Graph = new GraphProto { Name = "test" },
        OpsetImport = { new OperatorSetIdProto { Version = opset } },
    };

    /// <summary>An input; dimension 0 stands for one without extent, named "n".</summary>
    public OnnxModelBuilder Input(string name, int[] shape, int type = 1)
    {
        Model.Graph.Input.Add(Info(name, shape, type));
        return this;
    }

    public OnnxModelBuilder Output(string name)
    {
        Model.Graph.Output.Add(new ValueInfoProto { Name = name });
        return this;
    }

    public OnnxModelBuilder Floats(string name, int[] shape, params float[] values) => Initializer(name, shape, 1, t => t.FloatData.AddRange(values));

    public OnnxModelBuilder Longs(string name, int[] shape, params long[] values) => Initializer(name, shape, 7, t => t.Int64Data.AddRange(values));

    /// <param name="type">2 uint8, 3 int8, 6 int32.</param>
    public OnnxModelBuilder Ints(string name, int type, int[] shape, params int[] values) => Initializer(name, shape, type, t => t.Int32Data.AddRange(values));

    public OnnxModelBuilder Initializer(string name, int[] shape, int type, Action<TensorProto> fill)
    {
        var tensor = new TensorProto { Name = name, DataType = type };
        tensor.Dims.AddRange(shape.Select(d => (long)d));
        fill(tensor);
        Model.Graph.Initializer.Add(tensor);
        return this;
    }

    public OnnxModelBuilder Node(string op, string inputs, string outputs, params (string Name, object Value)[] attributes)
    {
        var node = new NodeProto { OpType = op, Name = $"node{++_nodes}" };
        if (op.IndexOf('/', StringComparison.Ordinal) is > 0 and int slash)
        {
            node.Domain = op[..slash];
            node.OpType = op[(slash + 1)..];
        }

        // "-" is an optional input that is left out.
        node.Input.AddRange(inputs.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(i => i == "-" ? "" : i));
        node.Output.AddRange(outputs.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        node.Attribute.AddRange(attributes.Select(a => Attribute(a.Name, a.Value)));
        Model.Graph.Node.Add(node);
        return this;
    }

    /// <summary>The last node with that attribute, in place of the one it may have.</summary>
    public OnnxModelBuilder WithAttribute(string name, object value)
    {
        NodeProto node = Model.Graph.Node[^1];
        foreach (AttributeProto old in node.Attribute.Where(a => a.Name == name).ToArray())
        {
            node.Attribute.Remove(old);
        }

        node.Attribute.Add(Attribute(name, value));
        return this;
    }

    /// <summary>Outputs are stated to be floats: other readers ask for it.</summary>
    public OnnxModelBuilder WithTypes()
    {
        foreach (ValueInfoProto output in Model.Graph.Output)
        {
            output.Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = 1 } };
        }

        return this;
    }

    public byte[] ToBytes() => Model.ToByteArray();

    public Graph Import(string? folder = null) => OnnxImporter.Import(ToBytes(), "test.onnx", folder);

    private static AttributeProto Attribute(string name, object value) => value switch
    {
        int i => new AttributeProto { Name = name, Type = 2, I = i },
        float f => new AttributeProto { Name = name, Type = 1, F = f },
        string s => new AttributeProto { Name = name, Type = 3, S = ByteString.CopyFromUtf8(s) },
        int[] ints => new AttributeProto { Name = name, Type = 7, Ints = { ints.Select(i => (long)i) } },
        float[] floats => new AttributeProto { Name = name, Type = 6, Floats = { floats } },
        TensorProto tensor => new AttributeProto { Name = name, Type = 4, T = tensor },
        string[] texts => new AttributeProto { Name = name, Type = 8, Strings = { texts.Select(ByteString.CopyFromUtf8) } },
        _ => throw new ArgumentException($"no attribute of type {value.GetType()}"),
    };

    private static ValueInfoProto Info(string name, int[] shape, int type)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = type, Shape = new TensorShapeProto() };
        foreach (int extent in shape)
        {
            tensor.Shape.Dim.Add(extent > 0 ? new TensorShapeProto.Types.Dimension { DimValue = extent } : new TensorShapeProto.Types.Dimension { DimParam = "n" });
        }

        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }
}
