using TinyInference.Converter.Emission;
using TinyInference.Converter.Execution;

namespace TinyInference.Converter.Import.Onnx;

using TinyInference.Converter.Graphs;
using TinyInference.Converter.Import.Onnx.Operators;
using TinyInference.Converter.Import.Onnx.Schema;

/// <summary>One import: names are resolved, nodes put in order, and each given to the handler of its operator.</summary>
internal sealed class OnnxModelImport
{
    private readonly ModelProto _model;
    private readonly OnnxTensorReader _tensors;
    private readonly IReadOnlyDictionary<string, Shape>? _inputShapes;
    private readonly OnnxGraphBuilder _builder;
    private readonly Dictionary<string, Value> _values = new(StringComparer.Ordinal);
    private readonly HashSet<Value> _named = [];
    private readonly HashSet<string> _unknown = new(StringComparer.Ordinal);
    private readonly List<string> _unsupported = [];
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    public OnnxModelImport(
        ModelProto model, OnnxTensorReader tensors, IReadOnlyDictionary<string, Tensor>? constants, IReadOnlyDictionary<string, Shape>? inputShapes)
    {
        _model = model;
        _tensors = tensors;
        _inputShapes = inputShapes;
        _builder = new OnnxGraphBuilder(constants ?? new Dictionary<string, Tensor>());
    }

    public Graph Run()
    {
        GraphProto file = _model.Graph;
        List<NodeProto> nodes = new OnnxNodeOrder(file).Needed();
        _read.UnionWith(nodes.SelectMany(n => n.Input).Concat(file.Output.Select(o => o.Name)));
        AddInitializers(file);
        AddInputs(file);
        foreach (NodeProto node in nodes)
        {
            foreach (string output in node.Output)
            {
                _builder.Reserve(output);
            }
        }

        foreach (NodeProto node in nodes)
        {
            AddNode(node);
        }

        if (_unsupported.Count > 0)
        {
            string list = string.Join("\n  ", _unsupported);
            throw new InputException($"{_unsupported.Count} operator{(_unsupported.Count == 1 ? " is" : "s are")} not supported:\n  {list}");
        }

        AddOutputs(file);
        Graph graph = _builder.Graph;
        graph.Name = file.Name;
        foreach (StringStringEntryProto entry in _model.MetadataProps)
        {
            // What other tools write under our words need not mean the same.
            bool isOurs = entry.Key.StartsWith(MetadataKeys.OnnxPrefix, StringComparison.Ordinal);
            string key = isOurs ? entry.Key[MetadataKeys.OnnxPrefix.Length..] : entry.Key;
            if (isOurs == MetadataKeys.All.Contains(key))
            {
                graph.Metadata[key] = entry.Value;
            }
        }

        if (_builder.Warnings.Count > 0)
        {
            graph.Metadata["import.warnings"] = string.Join('\n', _builder.Warnings);
        }

        return graph;
    }

    private void AddInitializers(GraphProto file)
    {
        if (file.SparseInitializer.Count > 0)
        {
            throw new InputException($"sparse tensors are not supported: '{file.SparseInitializer[0].Values?.Name}'");
        }

        foreach (TensorProto proto in file.Initializer)
        {
            if (!_read.Contains(proto.Name))
            {
                continue;
            }

            Tensor tensor = _tensors.Read(proto, proto.Name);
            OnnxTensorReader.CheckFinite(tensor, proto.Name);
            Define(proto.Name, new Value(proto.Name, tensor));
        }
    }

    private void AddInputs(GraphProto file)
    {
        HashSet<string> initializers = [.. file.Initializer.Select(i => i.Name)];
        foreach (ValueInfoProto input in file.Input)
        {
            // Files before IR version 4 list initialisers among the inputs; later ones mean a default that may be replaced.
            if (initializers.Contains(input.Name))
            {
                continue;
            }

            TypeProto.Types.Tensor? tensor = input.Type?.TensorType;
            if (tensor is null || OnnxTensorReader.TypeOf(tensor.ElemType) is not { } type)
            {
                throw new InputException(tensor is null ? $"input '{input.Name}' is not a tensor"
                    : $"input '{input.Name}' is of type {OnnxTensorReader.NameOf(tensor.ElemType)}, which is not supported");
            }

            var value = new Value(input.Name, type, InputShape(input.Name, tensor));
            Define(input.Name, value);
            _builder.AddInput(value);
        }
    }

    private Shape InputShape(string name, TypeProto.Types.Tensor tensor)
    {
        if (_inputShapes is not null && _inputShapes.TryGetValue(name, out Shape? given))
        {
            return given;
        }

        if (tensor.Shape is null)
        {
            throw new InputException($"input '{name}' has no shape; export the model with fixed shapes");
        }

        if (tensor.Shape.Dim.Count > 8)
        {
            throw new InputException($"input '{name}' has {tensor.Shape.Dim.Count} dimensions");
        }

        var dimensions = new int[tensor.Shape.Dim.Count];
        long count = 1;
        for (int i = 0; i < dimensions.Length; i++)
        {
            TensorShapeProto.Types.Dimension dim = tensor.Shape.Dim[i];
            bool isFixed = dim.ValueCase == TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue && dim.DimValue > 0;
            int features = !isFixed && i == 1 && dimensions.Length == 2 ? FeatureCount.Of(_model.Graph, name) : 0;
            if (features > 0)
            {
                _builder.Warnings.Add($"the file does not say how many numbers input '{name}' has; its operators ask for {features}");
            }
            else if (!isFixed && i > 0)
            {
                string shown = dim.DimParam.Length > 0 ? $"'{dim.DimParam}'" : "not stated";
                throw new InputException($"dimension {i} of input '{name}' is {shown}; export the model with fixed shapes (only the batch may vary)");
            }

            // One sample at a time is what runs on the device.
            dimensions[i] = isFixed ? (int)Math.Min(dim.DimValue, int.MaxValue) : Math.Max(1, features);
            if ((count *= dimensions[i]) > OnnxGraphBuilder.MaxElements)
            {
                throw new InputException($"input '{name}' has more than {OnnxGraphBuilder.MaxElements} elements");
            }
        }

        return new Shape(dimensions);
    }

    private void AddNode(NodeProto proto)
    {
        var node = new OnnxNode(proto, OpsetOf(proto.Domain), _read);
        if (OperatorTable.Find(node.Domain, node.OpType) is not { } handler)
        {
            Skip(node, node.ToString());
            return;
        }

        if (proto.Input.Any(_unknown.Contains))
        {
            // What it reads comes from an unsupported operator: nothing can be said of it.
            Skip(node, null);
            return;
        }

        node.Inputs = [.. proto.Input.Select(name => name.Length == 0 ? null : Resolve(node, name, OperatorTable.TakesQuantizedConstants(node)))];
        try
        {
            Value[] outputs = handler(node, _builder);
            for (int i = 0; i < node.OutputNames.Length; i++)
            {
                if (node.HasOutput(i))
                {
                    DefineOutput(node, i, i < outputs.Length ? outputs[i] : throw node.Unsupported($"its output '{node.OutputNames[i]}' is not supported"));
                }
            }
        }
        catch (UnsupportedException e)
        {
            Skip(node, e.Message);
        }
    }

    private void Skip(OnnxNode node, string? why)
    {
        if (why is not null)
        {
            _unsupported.Add(why);
        }

        _unknown.UnionWith(node.OutputNames);
        _unknown.Remove("");
    }

    private Value Resolve(OnnxNode node, string name, bool quantized)
    {
        if (!_values.TryGetValue(name, out Value? value))
        {
            throw node.Fault($"its input '{name}' is not in the file");
        }

        if (!quantized && OnnxGraphBuilder.IsDequantizedConstant(value))
        {
            return _builder.Constant(node, FakeQuantization.Dequantize(value.Constant!, value.Quantization!));
        }

        return value;
    }

    private void DefineOutput(OnnxNode node, int index, Value value)
    {
        string name = node.OutputNames[index];
        if (_named.Contains(value))
        {
            // The operator changes nothing; its result still needs a name of its own.
            value = value.IsConstant
                ? new Value(name, value.Constant!) { Quantization = value.Quantization }
                : _builder.Emit(node, new Identity(), TensorType.Like(value), value);
        }

        value.Name = name;
        Define(name, value);
    }

    private void Define(string name, Value value)
    {
        if (name.Length == 0 || !_values.TryAdd(name, value))
        {
            throw new InputException($"the name '{name}' stands for two tensors");
        }

        _builder.Reserve(name);
        _named.Add(value);
    }

    private void AddOutputs(GraphProto file)
    {
        if (file.Output.Count == 0)
        {
            throw new InputException("the model has no output");
        }

        foreach (ValueInfoProto output in file.Output)
        {
            if (!_values.TryGetValue(output.Name, out Value? value))
            {
                throw new InputException($"output '{output.Name}' is not computed by any node");
            }

            if (_builder.Graph.Outputs.Contains(value))
            {
                throw new InputException($"output '{output.Name}' is listed twice");
            }

            _builder.Graph.Outputs.Add(value.IsConstant || _builder.IsInput(value) ? PassedOn(value) : value);
        }

        ClassScores.DropChoices(_builder);
    }

    /// <summary>An output that no node computes: a constant or an input.</summary>
    private Value PassedOn(Value value)
    {
        bool dequantize = OnnxGraphBuilder.IsDequantizedConstant(value);
        var output = new Value(value.Name, dequantize ? ElementType.Float32 : value.Type, value.Shape)
        {
            Quantization = dequantize ? null : value.Quantization,
        };
        _builder.Graph.Nodes.Add(new Node(value.Name, dequantize ? new Dequantize() : new Identity(), [value], [output]));
        if (value.IsConstant)
        {
            value.Name += "/constant";
        }
        else
        {
            output.Name += "/output";
        }

        return output;
    }

    private long OpsetOf(string domain)
    {
        string wanted = domain == "ai.onnx" ? "" : domain;
        return _model.OpsetImport.FirstOrDefault(o => (o.Domain == "ai.onnx" ? "" : o.Domain) == wanted)?.Version
            ?? (wanted.Length > 0 ? 1 : throw new InputException("the model does not say the opset of its operators; export it again"));
    }
}
