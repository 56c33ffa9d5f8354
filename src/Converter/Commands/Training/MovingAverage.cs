using System.Numerics.Tensors;
using TinyInference.Converter.Training;

namespace TinyInference.Converter.Commands.Training;

/// <summary>The exponential moving average of parameters over the steps of a training: steadier than what any single step leaves.</summary>
/// <param name="decay">Share of the average that stays at each step, once it has seen many.</param>
internal sealed class MovingAverage(IReadOnlyList<Parameter> parameters, float decay)
{
    private readonly float[][] _means = [.. parameters.Select(p => p.Data.ToArray())];
    private long _steps;

    /// <summary>After each step.</summary>
    public void Add()
    {
        // The first steps count for more, so that the start is soon forgotten.
        _steps++;
        float kept = Math.Min(decay, (1f + _steps) / (10f + _steps));
        for (int i = 0; i < _means.Length; i++)
        {
            TensorPrimitives.Multiply(_means[i], kept, _means[i]);
            TensorPrimitives.MultiplyAdd(parameters[i].Data, 1 - kept, _means[i], _means[i]);
        }
    }

    /// <summary>Puts the average in the place of the parameters.</summary>
    public void Keep()
    {
        for (int i = 0; i < _means.Length; i++)
        {
            _means[i].CopyTo(parameters[i].Data, 0);
        }
    }
}
