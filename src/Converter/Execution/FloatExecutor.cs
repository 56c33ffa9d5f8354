using System.Collections.Concurrent;

namespace TinyInference.Converter.Execution;

using TinyInference.Converter.Graphs;

/// <summary>
/// Computes a graph in single precision. Checks and prepares everything once (weights are packed), then runs any number of
/// times, from any number of threads. A quantized value (integer type with quantization parameters) is computed in float and
/// then rounded to its grid and clamped (<see cref="FakeQuantization"/>): its tensor, as input, output or observed, holds reals.
/// </summary>
internal sealed class FloatExecutor
{
    /// <summary>Buffers of one run together; a network beyond this would not fit any board by orders of magnitude.</summary>
    private const long LargestBuffers = 1L << 30;

    private readonly Graph _graph;
    private readonly List<Step> _steps = [];
    private readonly Value[] _values;
    private readonly Dictionary<Value, int> _slots = [];
    private readonly Tensor?[] _constants;
    private readonly bool[] _isOutput;

    /// <summary>Buffers that no run uses at present, one tensor for each value.</summary>
    private readonly ConcurrentBag<Tensor?[]> _idle = [];

    /// <param name="graph">Nodes in execution order. It must not change while the executor is in use.</param>
    /// <exception cref="InvalidOperationException">A stated shape is not what the operator computes.</exception>
    /// <exception cref="InputException">The graph needs too much memory, or a constant cannot be used.</exception>
    public FloatExecutor(Graph graph)
    {
        _graph = graph;
        _values = [.. _graph.Values()];
        _constants = new Tensor?[_values.Length];
        _isOutput = new bool[_values.Length];
        long bytes = 0;
        for (int i = 0; i < _values.Length; i++)
        {
            Value value = _values[i];
            _slots.Add(value, i);
            bytes += value.IsConstant ? 0 : (long)value.Shape.ElementCount * FakeQuantization.FlowType(value).Size();
            if (value.Constant is { } constant)
            {
                _constants[i] = FakeQuantization.Applies(value) ? FakeQuantization.Dequantize(constant, value.Quantization!) : constant;
            }
        }

        if (bytes > LargestBuffers)
        {
            throw new InputException($"the activations of the network take {bytes >> 20} MB; at most {LargestBuffers >> 20} MB can be computed");
        }

        foreach (Value output in _graph.Outputs)
        {
            _isOutput[_slots[output]] = true;
        }

        foreach (Node node in _graph.Nodes)
        {
            int[] inputs = [.. node.Inputs.Select(v => v is null ? -1 : _slots[v])];
            Kernel kernel = KernelTable.Make(node, [.. inputs.Select(slot => slot < 0 ? null : _constants[slot])]);
            _steps.Add(new Step(node, kernel, inputs, _slots[node.Output]));
        }
    }

    /// <summary>Computes the graph's outputs, each a new tensor.</summary>
    /// <param name="inputs">As the graph lists them; element types as the graph states, reals for quantized ones.</param>
    /// <exception cref="InputException">An input does not fit, or an index among the data is out of range.</exception>
    public Tensor[] Run(params IReadOnlyList<Tensor> inputs) => Run(inputs, null);

    /// <param name="observe">
    /// Called for each graph input and then for each node's output, in order. The tensor is good only during the call:
    /// its buffer serves the next run.
    /// </param>
    public Tensor[] Run(IReadOnlyList<Tensor> inputs, Action<Value, Tensor>? observe)
    {
        if (!_idle.TryTake(out Tensor?[]? slots))
        {
            slots = (Tensor?[])_constants.Clone();
        }

        try
        {
            BindInputs(inputs, slots, observe);
            foreach (Step step in _steps)
            {
                RunStep(step, slots, observe);
            }

            return [.. _graph.Outputs.Select(output => Result(output, slots))];
        }
        finally
        {
            _idle.Add(slots);
        }
    }

    private void BindInputs(IReadOnlyList<Tensor> inputs, Tensor?[] slots, Action<Value, Tensor>? observe)
    {
        if (inputs.Count != _graph.Inputs.Count)
        {
            throw new InputException($"the network has {_graph.Inputs.Count} inputs, {inputs.Count} were given");
        }

        for (int i = 0; i < inputs.Count; i++)
        {
            Value value = _graph.Inputs[i];
            ElementType type = FakeQuantization.FlowType(value);
            if (!inputs[i].Shape.Equals(value.Shape) || inputs[i].Type != type)
            {
                throw new InputException($"input '{value.Name}' takes {type} {value.Shape}, not {inputs[i].Type} {inputs[i].Shape}");
            }

            Tensor bound = inputs[i];
            if (FakeQuantization.Applies(value))
            {
                bound = new Tensor(value.Shape, (float[])bound.Floats.Clone());
                FakeQuantization.Round(value, bound.Floats);
            }

            slots[_slots[value]] = bound;
            observe?.Invoke(value, bound);
        }
    }

    private void RunStep(Step step, Tensor?[] slots, Action<Value, Tensor>? observe)
    {
        Value value = step.Node.Output;
        // What is handed out must not be overwritten by the next run.
        Tensor output = slots[step.Output] is { } idle && !_isOutput[step.Output] ? idle : NewTensor(value);
        slots[step.Output] = output;
        var inputs = new Tensor?[step.Inputs.Length];
        for (int i = 0; i < inputs.Length; i++)
        {
            inputs[i] = step.Inputs[i] < 0 ? null : slots[step.Inputs[i]];
        }

        step.Kernel(inputs, output);
        if (FakeQuantization.Applies(value))
        {
            FakeQuantization.Round(value, output.Floats);
        }

        observe?.Invoke(value, output);
    }

    /// <summary>The tensor of a graph output; a copy where it is an input or a constant, which are others' property.</summary>
    private Tensor Result(Value output, Tensor?[] slots)
    {
        Tensor tensor = slots[_slots[output]]!;
        return output.IsConstant || _graph.Inputs.Contains(output) ? new Tensor(tensor.Shape, (Array)tensor.Data.Clone()) : tensor;
    }

    private static Tensor NewTensor(Value value)
    {
        int count = value.Shape.ElementCount;
        return new Tensor(value.Shape, FakeQuantization.FlowType(value) switch
        {
            ElementType.Int8 => new sbyte[count],
            ElementType.UInt8 => new byte[count],
            ElementType.Int16 => new short[count],
            ElementType.Int32 => new int[count],
            ElementType.Int64 => new long[count],
            ElementType.Bool => new bool[count],
            _ => new float[count],
        });
    }

    /// <summary>One node, ready to run: where its tensors are among those of a run (-1: absent input).</summary>
    private sealed record Step(Node Node, Kernel Kernel, int[] Inputs, int Output);
}
