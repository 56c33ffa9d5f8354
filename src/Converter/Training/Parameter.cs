using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Training;

/// <summary>A constant of the graph that training changes in place, with the gradient of the last step.</summary>
internal sealed class Parameter(Value value, bool decays)
{
    public Value Value { get; } = value;

    /// <summary>The weights themselves: the array of the value's constant.</summary>
    public float[] Data { get; } = value.Constant!.Floats;

    /// <summary>Sum over the batch of the loss's derivative, divided by the batch's size.</summary>
    public float[] Gradient { get; } = new float[value.Shape.ElementCount];

    /// <summary>Whether weight decay applies: to matrices and kernels, not to biases and normalisation.</summary>
    public bool Decays { get; } = decays;

    /// <summary>1 where a weight may live, 0 where pruning has removed it; null when nothing is pruned.</summary>
    public float[]? Mask { get; set; }
}
