using TinyInference.Converter.Training;

namespace TinyInference.Converter.Compression.QuantizationAware;

/// <summary>
/// An optimizer whose network always computes with rounded weights, while the steps change the float weights behind them: the
/// gradient of the rounded ones is taken as theirs (straight-through estimator, arXiv 1308.3432).
/// </summary>
internal sealed class RoundedWeights : Optimizer
{
    private readonly Optimizer _inner;
    private readonly IReadOnlyList<WeightGrid> _grids;
    private readonly float[][] _masters;

    /// <param name="inner">Of the same parameters.</param>
    public RoundedWeights(IReadOnlyList<Parameter> parameters, Optimizer inner, IReadOnlyList<WeightGrid> grids)
        : base(parameters)
    {
        _inner = inner;
        _grids = grids;
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
        }

        _inner.LearningRate = LearningRate;
        _inner.WeightDecay = WeightDecay;
        _inner.Step();
        Steps = _inner.Steps;
        for (int i = 0; i < _grids.Count; i++)
        {
            _grids[i].Parameter.Data.CopyTo(_masters[i], 0);
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
