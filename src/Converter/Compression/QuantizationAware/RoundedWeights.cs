using System.Numerics.Tensors;
using TinyInference.Converter.Training;

namespace TinyInference.Converter.Compression.QuantizationAware;

/// <summary>
/// An optimizer whose network always computes with rounded weights, while the steps change the float weights behind them: the
/// gradient of the rounded ones is taken as theirs (straight-through estimator, arXiv 1308.3432). The inner optimizer sees weights and
/// biases in units of what they are rounded to. Folded batch norm leaves layers whose weights differ by orders of magnitude: one
/// rate for all of them would leave some where they are and throw others away.
/// </summary>
internal sealed class RoundedWeights : Optimizer
{
    private readonly Optimizer _inner;
    private readonly IReadOnlyList<WeightGrid> _grids;
    private readonly IReadOnlyList<(Parameter Parameter, float Unit)> _biases;
    private readonly float[][] _masters;

    /// <param name="inner">Of the same parameters.</param>
    /// <param name="biases">Parameters that are not rounded, and the power of two that they are counted in.</param>
    public RoundedWeights(IReadOnlyList<Parameter> parameters, Optimizer inner, IReadOnlyList<WeightGrid> grids, IReadOnlyList<(Parameter Parameter, float Unit)> biases)
        : base(parameters)
    {
        _inner = inner;
        _grids = grids;
        _biases = biases;
        _masters = [.. grids.Select(g => (float[])g.Parameter.Data.Clone())];
        Round();
    }

    public override string Name => _inner.Name;

    public override IReadOnlyList<float[]> State => [.. _inner.State, .. _masters];

    public override void Step()
    {
        for (int i = 0; i < _grids.Count; i++)
        {
            _masters[i].CopyTo(_grids[i].Parameter.Data, 0);
            _grids[i].Scale(_grids[i].Parameter.Data, inverse: true);
            _grids[i].Scale(_grids[i].Parameter.Gradient, inverse: false);
        }

        foreach ((Parameter parameter, float unit) in _biases)
        {
            TensorPrimitives.Divide(parameter.Data, unit, parameter.Data);
            TensorPrimitives.Multiply(parameter.Gradient, unit, parameter.Gradient);
        }

        _inner.LearningRate = LearningRate;
        _inner.WeightDecay = WeightDecay;
        _inner.Step();
        Steps = _inner.Steps;
        for (int i = 0; i < _grids.Count; i++)
        {
            _grids[i].Scale(_grids[i].Parameter.Data, inverse: false);
            _grids[i].Parameter.Data.CopyTo(_masters[i], 0);
        }

        foreach ((Parameter parameter, float unit) in _biases)
        {
            TensorPrimitives.Multiply(parameter.Data, unit, parameter.Data);
        }

        Round();
    }

    /// <summary>Not called: <see cref="Step()"/> hands the whole step on.</summary>
    protected override void Step(int index, Parameter parameter) => throw new InvalidOperationException("the inner optimizer steps");

    private void Round()
    {
        for (int i = 0; i < _grids.Count; i++)
        {
            _grids[i].Round(_masters[i]);
        }
    }
}
