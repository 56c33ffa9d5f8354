using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace TinyInference.Converter.Training;

/// <summary>Moves parameters against their gradients.</summary>
internal abstract class Optimizer(IReadOnlyList<Parameter> parameters)
{
    protected IReadOnlyList<Parameter> Parameters { get; } = parameters;

    /// <summary>As checkpoints and the command line call it.</summary>
    public abstract string Name { get; }

    /// <summary>The step size of the next <see cref="Step"/>.</summary>
    public float LearningRate { get; set; }

    /// <summary>Subtracted from each decaying weight in a step, times learning rate and weight (decoupled: arXiv 1711.05101).</summary>
    public float WeightDecay { get; set; }

    /// <summary>State to save beside the parameters: arrays as long as the parameters, in their order.</summary>
    public abstract IReadOnlyList<float[]> State { get; }

    /// <summary>Steps taken; part of a checkpoint.</summary>
    public int Steps { get; set; }

    public virtual void Step()
    {
        Steps++;
        for (int i = 0; i < Parameters.Count; i++)
        {
            Parameter parameter = Parameters[i];
            if (parameter.Decays && WeightDecay > 0)
            {
                TensorPrimitives.Multiply(parameter.Data, 1 - (LearningRate * WeightDecay), parameter.Data);
            }

            Step(i, parameter);
            if (parameter.Mask is not null)
            {
                TensorPrimitives.Multiply(parameter.Data, parameter.Mask, parameter.Data);
            }
        }
    }

    protected abstract void Step(int index, Parameter parameter);

    protected float[][] PerParameter() => [.. Parameters.Select(p => new float[p.Data.Length])];
}

/// <summary>Stochastic gradient descent with momentum: v = momentum v + g; w = w - rate v.</summary>
internal sealed class Sgd : Optimizer
{
    private readonly float _momentum;
    private readonly float[][] _velocities;

    public Sgd(IReadOnlyList<Parameter> parameters, float momentum)
        : base(parameters)
    {
        _momentum = momentum;
        _velocities = PerParameter();
    }

    public override string Name => "sgd";

    public override IReadOnlyList<float[]> State => _velocities;

    protected override void Step(int index, Parameter parameter)
    {
        float[] velocity = _velocities[index];
        TensorPrimitives.MultiplyAdd(velocity, _momentum, parameter.Gradient, velocity);
        TensorPrimitives.MultiplyAdd(velocity, -LearningRate, parameter.Data, parameter.Data);
    }
}

/// <summary>Adam (arXiv 1412.6980) with decoupled weight decay (arXiv 1711.05101).</summary>
internal sealed class Adam : Optimizer
{
    private const float Beta1 = 0.9f;
    private const float Beta2 = 0.999f;
    private const float Epsilon = 1e-8f;

    private readonly float[][] _means;
    private readonly float[][] _squares;

    public Adam(IReadOnlyList<Parameter> parameters)
        : base(parameters)
    {
        _means = PerParameter();
        _squares = PerParameter();
    }

    public override string Name => "adam";

    public override IReadOnlyList<float[]> State => [.. _means, .. _squares];

    protected override void Step(int index, Parameter parameter)
    {
        float[] mean = _means[index];
        float[] square = _squares[index];
        float[] data = parameter.Data;
        float[] gradient = parameter.Gradient;
        float rate = LearningRate / (1 - MathF.Pow(Beta1, Steps));
        float correction = 1 / MathF.Sqrt(1 - MathF.Pow(Beta2, Steps));
        Span<Vector<float>> means = MemoryMarshal.Cast<float, Vector<float>>(mean.AsSpan());
        Span<Vector<float>> squares = MemoryMarshal.Cast<float, Vector<float>>(square.AsSpan());
        Span<Vector<float>> datas = MemoryMarshal.Cast<float, Vector<float>>(data.AsSpan());
        Span<Vector<float>> gradients = MemoryMarshal.Cast<float, Vector<float>>(gradient.AsSpan());
        for (int i = 0; i < datas.Length; i++)
        {
            Vector<float> g = gradients[i];
            means[i] = (Beta1 * means[i]) + ((1 - Beta1) * g);
            squares[i] = (Beta2 * squares[i]) + ((1 - Beta2) * g * g);
            datas[i] -= rate * means[i] / ((Vector.SquareRoot(squares[i]) * correction) + new Vector<float>(Epsilon));
        }

        for (int i = datas.Length * Vector<float>.Count; i < data.Length; i++)
        {
            mean[i] = (Beta1 * mean[i]) + ((1 - Beta1) * gradient[i]);
            square[i] = (Beta2 * square[i]) + ((1 - Beta2) * gradient[i] * gradient[i]);
            data[i] -= rate * mean[i] / ((MathF.Sqrt(square[i]) * correction) + Epsilon);
        }
    }
}
