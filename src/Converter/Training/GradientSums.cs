using System.Numerics.Tensors;

namespace TinyInference.Converter.Training;

/// <summary>
/// One part of a batch sums its gradients here, so that several parts can go back side by side. The parts of a batch are fixed and gathered in
/// their order: the same seed gives the same bytes whatever the number of threads.
/// </summary>
internal sealed class GradientSums(IReadOnlyList<Parameter> parameters)
{
    private readonly Dictionary<Parameter, float[]> _sums = parameters.ToDictionary(p => p, p => new float[p.Data.Length]);

    /// <summary>The sum of the loss's derivative by <paramref name="parameter"/>; who goes back adds to it.</summary>
    public float[] Of(Parameter parameter) => _sums[parameter];

    public void Clear()
    {
        foreach (float[] sum in _sums.Values)
        {
            sum.AsSpan().Clear();
        }
    }

    /// <summary>Sets each parameter's gradient to the sum over the parts.</summary>
    public static void Gather(IReadOnlyList<Parameter> parameters, IReadOnlyList<GradientSums> parts)
    {
        foreach (Parameter parameter in parameters)
        {
            parts[0].Of(parameter).CopyTo(parameter.Gradient, 0);
            foreach (GradientSums part in parts.Skip(1))
            {
                TensorPrimitives.Add(parameter.Gradient, part.Of(parameter), parameter.Gradient);
            }
        }
    }

    /// <summary>Scales all gradients so that their norm over all parameters together is at most <paramref name="most"/> (arXiv 1211.5063).</summary>
    /// <returns>The norm before.</returns>
    public static float ClipNorm(IReadOnlyList<Parameter> parameters, float most)
    {
        double squares = parameters.Sum(p => (double)TensorPrimitives.SumOfSquares<float>(p.Gradient));
        float norm = (float)Math.Sqrt(squares);
        if (norm > most)
        {
            foreach (Parameter parameter in parameters)
            {
                TensorPrimitives.Multiply(parameter.Gradient, most / norm, parameter.Gradient);
            }
        }

        return norm;
    }
}
