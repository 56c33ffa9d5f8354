using System.Numerics.Tensors;
using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Training.Layers;

/// <summary>Handing gradients on.</summary>
internal static class Gradients
{
    /// <summary>Adds <paramref name="gradient"/> to that of <paramref name="value"/>.</summary>
    public static void Add(Shard shard, Value value, ReadOnlySpan<float> gradient)
    {
        Span<float> target = shard.GradientTarget(value, out bool accumulate);
        if (accumulate)
        {
            TensorPrimitives.Add(target, gradient, target);
        }
        else
        {
            gradient.CopyTo(target);
        }
    }
}
