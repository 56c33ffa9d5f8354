using System.Runtime.InteropServices;
using Google.Protobuf;
using TinyInference.Converter.Emission;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Import.Onnx.Schema;

namespace TinyInference.Converter.Export.Onnx;

/// <summary>
/// Writes a float graph as an ONNX model (opset 17), so that any other tool can read it. Rank-4 activations, NHWC in the graph, are NCHW in
/// the file, as ONNX convolutions want them; the batch is left open.
/// </summary>
internal sealed partial class OnnxExporter
{
    private const int OpsetVersion = 17;
    private const int IrVersion = 8;
    private const string BatchName = "N";

    // Numbers of the ONNX specification: TensorProto.DataType and AttributeProto.AttributeType.
    private const int FloatTensor = 1;
    private const int Int32Tensor = 6;
    private const int Int64Tensor = 7;
    private const int FloatAttribute = 1;
    private const int IntAttribute = 2;
    private const int StringAttribute = 3;
    private const int IntsAttribute = 7;

    private readonly GraphProto _target = new();
    private readonly Dictionary<Value, string> _names = [];
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);

    private OnnxExporter()
    {
    }

    /// <exception cref="InputException">The graph holds an operator or a value that has no float ONNX form here; the message names it.</exception>
    public static void Write(Graph graph, Stream stream) => Export(graph).WriteTo(stream);

    /// <inheritdoc cref="Write"/>
    public static ModelProto Export(Graph graph)
    {
        var exporter = new OnnxExporter();
        exporter._target.Name = graph.Name.Length > 0 ? graph.Name : "network";
        foreach (Value input in graph.Inputs)
        {
            exporter._target.Input.Add(Describe(input));
        }

        foreach (Node node in graph.Nodes)
        {
            exporter.Add(node);
        }

        foreach (Value output in graph.Outputs)
        {
            exporter._target.Output.Add(Describe(output));
        }

        var model = new ModelProto { IrVersion = IrVersion, ProducerName = "tinyinference", Graph = exporter._target };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = OpsetVersion });
        if (graph.Nodes.Exists(n => n.Operator is TreeEnsemble))
        {
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = OnnxTreeWriter.Domain, Version = OnnxTreeWriter.DomainVersion });
        }

        foreach (string key in MetadataKeys.All)
        {
            if (graph.Metadata.TryGetValue(key, out string? text))
            {
                model.MetadataProps.Add(new StringStringEntryProto { Key = MetadataKeys.OnnxPrefix + key, Value = text });
            }
        }

        return model;
    }

    private void Add(Node node)
    {
        switch (node.Operator)
        {
            case Conv2D { Clamp.IsNone: true } conv:
                AddConv(node, conv.Window, conv.Groups, Permute(node.Input(1), 0, 3, 1, 2));
                break;
            case DepthwiseConv2D { Clamp.IsNone: true } conv:
                AddConv(node, conv.Window, node.Input(0).Shape[3], Permute(node.Input(1), 3, 0, 1, 2));
                break;
            case FullyConnected { Clamp.IsNone: true }:
                AddFullyConnected(node);
                break;
            case BatchNorm norm:
                AddNode(node, "BatchNormalization", node.Inputs.Select(v => Name(v!)), Float("epsilon", norm.Epsilon));
                break;
            case LayerNorm norm:
                AddLayerNorm(node, norm);
                break;
            case Unary unary:
                AddUnary(node, unary);
                break;
            case Binary { Clamp.IsNone: true } binary:
                AddNode(node, binary.Kind, [Name(node.Input(0)), Name(node.Input(1))]);
                break;
            case Pool2D { Clamp.IsNone: true } pool:
                AddPool(node, pool);
                break;
            case Reduce { Function: ReduceFunction.Mean } mean:
                AddNode(node, "ReduceMean", [Name(node.Input(0))], Ints("axes", mean.Axes.Select(a => Axis(a, node.Input(0).Shape.Rank))), Int("keepdims", mean.KeepDimensions ? 1 : 0));
                break;
            case Concat concat:
                AddNode(node, "Concat", node.Inputs.Select(v => Name(v!)), Int("axis", Axis(concat.Axis, node.Output.Shape.Rank)));
                break;
            case Reshape:
                AddReshape(node);
                break;
            case Softmax { Beta: 1 } softmax:
                AddNode(node, softmax.Kind, [Name(node.Input(0))], Int("axis", Axis(softmax.Axis, node.Input(0).Shape.Rank)));
                break;
            case TreeEnsemble trees:
                _target.Node.Add(OnnxTreeWriter.Write(node, trees));
                break;
            case TransposeConv2D { Clamp.IsNone: true, Groups: 1 } conv:
                AddTransposeConv(node, conv.Window);
                break;
            case PRelu:
                AddNode(node, "PRelu", [Name(node.Input(0)), Slope(node.Input(1), node.Input(0).Shape.Rank)]);
                break;
            case Pad pad when pad.Mode != PadMode.Symmetric:
                AddPad(node, pad);
                break;
            case Slice slice:
                AddSlice(node, slice);
                break;
            case Transpose transpose:
                AddNode(node, "Transpose", [Name(node.Input(0))], Ints("perm", Permutation(transpose.Permutation)));
                break;
            case Resize resize:
                AddResize(node, resize);
                break;
            case Gather { Axis: 0 } when node.Input(0).Shape.Rank != 4 && node.Output.Shape.Rank != 4:
                AddNode(node, "Gather", [Name(node.Input(0)), Name(node.Input(1))]);
                break;
            case Recurrent cell:
                AddRecurrent(node, cell);
                break;
            case Identity:
                AddNode(node, "Identity", [Name(node.Input(0))]);
                break;
            default:
                throw new InputException($"{node} has no form in the ONNX files that this tool writes");
        }
    }

    private void AddConv(Node node, Window window, int groups, string weights)
    {
        List<string> inputs = [Name(node.Input(0)), weights];
        if (node.OptionalInput(2) is { } bias)
        {
            inputs.Add(Name(bias));
        }

        AddNode(node, "Conv", inputs, Int("group", groups), Ints("kernel_shape", [window.KernelH, window.KernelW]), Ints("strides", [window.StrideH, window.StrideW]),
            Ints("dilations", [window.DilationH, window.DilationW]), Pads(window));
    }

    private void AddPool(Node node, Pool2D pool)
    {
        List<AttributeProto> attributes =
        [
            Ints("kernel_shape", [pool.Window.KernelH, pool.Window.KernelW]), Ints("strides", [pool.Window.StrideH, pool.Window.StrideW]), Pads(pool.Window),
        ];
        if (pool.CountPadding)
        {
            attributes.Add(Int("count_include_pad", 1));
        }

        AddNode(node, pool.Function == PoolFunction.Max ? "MaxPool" : "AveragePool", [Name(node.Input(0))], [.. attributes]);
    }

    private void AddFullyConnected(Node node)
    {
        Value? bias = node.OptionalInput(2);
        if (node.Input(0).Shape.Rank == 2)
        {
            List<string> inputs = [Name(node.Input(0)), Name(node.Input(1))];
            if (bias is not null)
            {
                inputs.Add(Name(bias));
            }

            AddNode(node, "Gemm", inputs, Int("transB", 1));
            return;
        }

        string product = bias is null ? node.Output.Name : node.Output.Name + "/product";
        AddNode(node.Name, "MatMul", [Name(node.Input(0)), Permute(node.Input(1), 1, 0)], product);
        if (bias is not null)
        {
            AddNode(node, "Add", [product, Name(bias)]);
        }
    }

    /// <summary>Over the channels: of images these are not the last dimension in the file.</summary>
    private void AddLayerNorm(Node node, LayerNorm norm)
    {
        AttributeProto[] attributes = [Int("axis", -1), Float("epsilon", norm.Epsilon)];
        if (node.Input(0).Shape.Rank != 4)
        {
            AddNode(node, "LayerNormalization", node.Inputs.Select(v => Name(v!)), attributes);
            return;
        }

        string rows = node.Output.Name + "/nhwc";
        string normalized = node.Output.Name + "/normalized";
        AddNode(node.Name + "/transpose", "Transpose", [Name(node.Input(0))], rows, Ints("perm", [0, 2, 3, 1]));
        AddNode(node.Name + "/normalize", "LayerNormalization", [rows, Name(node.Input(1)), Name(node.Input(2))], normalized, attributes);
        AddNode(node, "Transpose", [normalized], Ints("perm", [0, 3, 1, 2]));
    }

    private void AddUnary(Node node, Unary unary)
    {
        string x = Name(node.Input(0));
        switch (unary.Function)
        {
            case UnaryFunction.Relu6:
                AddNode(node, "Clip", [x, Scalar(node, "min", 0), Scalar(node, "max", 6)]);
                break;
            case UnaryFunction.Clip:
                AddNode(node, "Clip", [x, Scalar(node, "min", unary.Alpha), Scalar(node, "max", unary.Beta)]);
                break;
            case UnaryFunction.Square:
                AddNode(node, "Mul", [x, x]);
                break;
            case UnaryFunction.LeakyRelu or UnaryFunction.Elu:
                AddNode(node, unary.Kind, [x], Float("alpha", unary.Alpha));
                break;
            case UnaryFunction.HardSigmoid:
                AddNode(node, unary.Kind, [x], Float("alpha", unary.Alpha), Float("beta", unary.Beta));
                break;
            case UnaryFunction.Rsqrt or UnaryFunction.Gelu:
                throw new InputException($"{node} has no form in the ONNX files that this tool writes");
            default:
                AddNode(node, unary.Kind, [x]);
                break;
        }
    }

    /// <summary>Element order is that of NHWC: a rank-4 input goes back to it, a rank-4 output comes from it.</summary>
    private void AddReshape(Node node)
    {
        Shape from = node.Input(0).Shape;
        Shape to = node.Output.Shape;
        string x = Name(node.Input(0));
        if (from.Rank == 4 && from[3] > 1 && from[1] * from[2] > 1)
        {
            string rows = node.Output.Name + "/nhwc";
            AddNode(node.Name + "/transpose", "Transpose", [x], rows, Ints("perm", [0, 2, 3, 1]));
            x = rows;
        }

        long[] shape = [-1, .. to.Skip(1).Select(d => (long)d)];
        bool back = to.Rank == 4 && to[3] > 1 && to[1] * to[2] > 1;
        if (to.Rank == 4 && !back)
        {
            shape = [-1, to[3], to[1], to[2]];
        }

        string constant = node.Output.Name + "/shape";
        AddInitializer(constant, [shape.Length], Int64Tensor, MemoryMarshal.AsBytes<long>(shape));
        string reshaped = back ? node.Output.Name + "/reshaped" : node.Output.Name;
        AddNode(node.Name, "Reshape", [x, constant], reshaped);
        if (back)
        {
            AddNode(node, "Transpose", [reshaped], Ints("perm", [0, 3, 1, 2]));
        }
    }

    private string Scalar(Node node, string name, float value)
    {
        string full = $"{node.Output.Name}/{name}";
        AddInitializer(full, [], FloatTensor, MemoryMarshal.AsBytes<float>([value]));
        return full;
    }

    /// <summary>The name of a value in the file; a constant is written when it is first asked for.</summary>
    private string Name(Value value)
    {
        if (value.Constant is { } constant && _names.TryAdd(value, value.Name))
        {
            if (constant.Type != ElementType.Float32)
            {
                throw new InputException($"'{value.Name}' is {constant.Type}: only float networks are written as ONNX");
            }

            AddInitializer(value.Name, value.Shape, FloatTensor, MemoryMarshal.AsBytes<float>(constant.Floats));
        }

        return value.Name;
    }

    /// <summary>Writes a constant with its dimensions in another order: dimension i of the file is dimension permutation[i] of the graph.</summary>
    private string Permute(Value value, params int[] permutation)
    {
        if (value.Constant is not { Type: ElementType.Float32 } constant)
        {
            throw new InputException($"'{value.Name}' is not a float constant: only float networks with fixed weights are written as ONNX");
        }

        if (_names.TryAdd(value, value.Name))
        {
            int[] strides = value.Shape.Strides();
            var dimensions = Array.ConvertAll(permutation, p => value.Shape[p]);
            var data = new float[constant.Floats.Length];
            var index = new int[permutation.Length];
            for (int i = 0; i < data.Length; i++)
            {
                int from = 0;
                for (int d = 0; d < index.Length; d++)
                {
                    from += index[d] * strides[permutation[d]];
                }

                data[i] = constant.Floats[from];
                for (int d = index.Length - 1; d >= 0 && ++index[d] == dimensions[d]; d--)
                {
                    index[d] = 0;
                }
            }

            AddInitializer(value.Name, dimensions, FloatTensor, MemoryMarshal.AsBytes<float>(data));
        }

        return value.Name;
    }

    private void AddInitializer(string name, IEnumerable<int> dimensions, int type, ReadOnlySpan<byte> data)
    {
        if (!_written.Add(name))
        {
            throw new InputException($"two tensors of the graph are called '{name}'");
        }

        var tensor = new TensorProto { Name = name, DataType = type, RawData = ByteString.CopyFrom(data) };
        tensor.Dims.AddRange(dimensions.Select(d => (long)d));
        _target.Initializer.Add(tensor);
    }

    private void AddNode(Node node, string type, IEnumerable<string> inputs, params AttributeProto[] attributes) =>
        AddNode(node.Name, type, inputs, node.Output.Name, attributes);

    private void AddNode(string name, string type, IEnumerable<string> inputs, string output, params AttributeProto[] attributes)
    {
        var proto = new NodeProto { Name = name, OpType = type };
        proto.Input.AddRange(inputs);
        proto.Output.Add(output);
        proto.Attribute.AddRange(attributes);
        _target.Node.Add(proto);
    }

    private static ValueInfoProto Describe(Value value)
    {
        bool isIndex = value.Type is ElementType.Int32 or ElementType.Int64;
        if ((value.Type != ElementType.Float32 && !isIndex) || value.Quantization is not null)
        {
            throw new InputException($"'{value.Name}' is quantized: only float networks are written as ONNX");
        }

        var shape = new TensorShapeProto();
        for (int i = 0; i < value.Shape.Rank; i++)
        {
            int source = value.Shape.Rank == 4 && i > 0 ? (i == 1 ? 3 : i - 1) : i;
            shape.Dim.Add(i == 0 && value.Shape[source] == 1 ? new TensorShapeProto.Types.Dimension { DimParam = BatchName } : new TensorShapeProto.Types.Dimension { DimValue = value.Shape[source] });
        }

        return new ValueInfoProto
        {
            Name = value.Name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = isIndex ? value.Type == ElementType.Int32 ? Int32Tensor : Int64Tensor : FloatTensor, Shape = shape } },
        };
    }

    /// <summary>Where dimension <paramref name="axis"/> of a graph's value lies in the file.</summary>
    private static int Axis(int axis, int rank) => rank != 4 ? axis : axis switch { 1 => 2, 2 => 3, 3 => 1, _ => 0 };

    private static AttributeProto Int(string name, long value) => new() { Name = name, Type = IntAttribute, I = value };

    private static AttributeProto Float(string name, float value) => new() { Name = name, Type = FloatAttribute, F = value };

    private static AttributeProto Ints(string name, IEnumerable<int> values)
    {
        var attribute = new AttributeProto { Name = name, Type = IntsAttribute };
        attribute.Ints.AddRange(values.Select(v => (long)v));
        return attribute;
    }

    private static AttributeProto Pads(Window window) => Ints("pads", [window.PadTop, window.PadLeft, window.PadBottom, window.PadRight]);
}
