using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Training;

/// <summary>
/// One part of a batch with all that a thread needs to take it forward and backward: activations and their gradients
/// ([samples, ...] for a value of shape [1, ...]) and its own sums of the parameters' gradients. The parts of a batch are fixed, so
/// that the same seed gives the same bytes whatever the number of threads.
/// </summary>
internal sealed class Shard
{
    private readonly Dictionary<Value, float[]> _activations = [];
    private readonly Dictionary<Value, float[]> _gradients = [];
    private readonly HashSet<Value> _written = [];
    private readonly Dictionary<Parameter, float[]> _parameterGradients = [];

    /// <param name="values">Activations to hold; constants are not among them.</param>
    /// <param name="withoutGradient">Activations that nobody asks the gradient of: the graph's inputs.</param>
    public Shard(int capacity, IEnumerable<Value> values, IReadOnlySet<Value> withoutGradient, IEnumerable<Parameter> parameters)
    {
        Capacity = capacity;
        foreach (Value value in values)
        {
            _activations.Add(value, new float[checked(capacity * value.Shape.ElementCount)]);
            if (!withoutGradient.Contains(value))
            {
                _gradients.Add(value, new float[capacity * value.Shape.ElementCount]);
            }
        }

        foreach (Parameter parameter in parameters)
        {
            _parameterGradients.Add(parameter, new float[parameter.Data.Length]);
        }
    }

    /// <summary>The most samples that it can hold.</summary>
    public int Capacity { get; }

    /// <summary>Samples in it now.</summary>
    public int Samples { get; set; }

    /// <summary>True in training: batch statistics are used and kept, dropout drops.</summary>
    public bool IsTraining { get; set; }

    /// <summary>The elements of <paramref name="value"/> for all samples in the shard.</summary>
    public Span<float> Activation(Value value) => value.IsConstant
        ? value.Constant!.Floats
        : _activations[value].AsSpan(0, Samples * value.Shape.ElementCount);

    /// <summary>Whether someone asks for the gradient of <paramref name="value"/>.</summary>
    public bool NeedsGradient(Value value) => _gradients.ContainsKey(value);

    /// <summary>The loss's derivative by <paramref name="value"/>; layers add to it.</summary>
    public Span<float> Gradient(Value value)
    {
        Span<float> gradient = GradientTarget(value, out bool accumulate);
        if (!accumulate)
        {
            gradient.Clear();
        }

        return gradient;
    }

    /// <summary>As <see cref="Gradient(Value)"/> for a layer that can set as well as add, which saves a pass over memory.</summary>
    /// <param name="accumulate">False where nothing was added yet: then all elements must be set, whatever they hold.</param>
    public Span<float> GradientTarget(Value value, out bool accumulate)
    {
        accumulate = !_written.Add(value);
        return _gradients[value].AsSpan(0, Samples * value.Shape.ElementCount);
    }

    /// <summary>This shard's sum of the loss's derivative by <paramref name="parameter"/>; layers add to it.</summary>
    public Span<float> Gradient(Parameter parameter) => _parameterGradients[parameter];

    public void ClearGradients()
    {
        _written.Clear();
        foreach (float[] gradient in _parameterGradients.Values)
        {
            gradient.AsSpan().Clear();
        }
    }
}
