using System.Numerics.Tensors;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Numerics;
using TinyInference.Converter.Training.Layers;

namespace TinyInference.Converter.Training.Recurrent;

using Tensor = TinyInference.Converter.Graphs.Tensor;

/// <summary>From states to the probabilities of classes: softmax(W h + b), with cross entropy and gradients.</summary>
internal sealed class SoftmaxHead
{
    /// <summary>States taken at once: their logits stay in the cache, however many classes there are.</summary>
    private const int RowsAtOnce = 96;

    public SoftmaxHead(string name, int inputs, int classes, int seed)
    {
        Inputs = inputs;
        Classes = classes;
        var random = new Random(seed);
        float bound = 1 / MathF.Sqrt(inputs);
        float[] weights = new float[checked(classes * inputs)];
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = bound * ((2 * random.NextSingle()) - 1);
        }

        Weights = new Parameter(new Value($"{name}.weights", new Tensor(new Shape(classes, inputs), weights)), decays: true);
        Bias = new Parameter(new Value($"{name}.bias", new Tensor(new Shape(classes), new float[classes])), decays: false);
    }

    public int Inputs { get; }

    public int Classes { get; }

    /// <summary>[classes, inputs].</summary>
    public Parameter Weights { get; }

    /// <summary>[classes].</summary>
    public Parameter Bias { get; }

    public IReadOnlyList<Parameter> Parameters => [Weights, Bias];

    /// <summary>Calls <paramref name="each"/> with every row's log-probabilities of all classes, [classes].</summary>
    /// <param name="h">[rows, inputs].</param>
    public void LogProbabilities(ReadOnlySpan<float> h, int rows, Action<int, ReadOnlyMemory<float>> each)
    {
        var packed = new PackedMatrix(true, Classes, Inputs, Weights.Data, Inputs);
        float[] logits = new float[Math.Min(rows, RowsAtOnce) * Classes];
        for (int first = 0; first < rows; first += RowsAtOnce)
        {
            int count = Math.Min(RowsAtOnce, rows - first);
            Logits(h[(first * Inputs)..], count, packed, logits);
            for (int i = 0; i < count; i++)
            {
                Memory<float> row = logits.AsMemory(i * Classes, Classes);
                TensorPrimitives.Subtract(row.Span, LogSumExp(row.Span), row.Span);
                each(first + i, row);
            }
        }
    }

    /// <summary>The sum of -log p[target] over the rows.</summary>
    /// <param name="h">[rows, inputs].</param>
    /// <param name="targets">A class for each row.</param>
    public double Loss(ReadOnlySpan<float> h, ReadOnlySpan<int> targets)
    {
        int[] wanted = targets.ToArray();
        double loss = 0;
        LogProbabilities(h, wanted.Length, (row, p) => loss -= p.Span[wanted[row]]);
        return loss;
    }

    /// <summary>As <see cref="Loss"/>, with derivatives times <paramref name="weight"/>.</summary>
    /// <param name="dh">Set to the derivative by the states, [rows, inputs].</param>
    /// <param name="sums">Get the parameters' gradients added.</param>
    /// <returns>The sum of -log p[target], not weighted.</returns>
    public double LossAndGradient(ReadOnlySpan<float> h, ReadOnlySpan<int> targets, float weight, Span<float> dh, GradientSums sums)
    {
        var packed = new PackedMatrix(true, Classes, Inputs, Weights.Data, Inputs);
        var packedBack = new PackedMatrix(false, Inputs, Classes, Weights.Data, Inputs);
        float[] logits = new float[Math.Min(targets.Length, RowsAtOnce) * Classes];
        double loss = 0;
        for (int first = 0; first < targets.Length; first += RowsAtOnce)
        {
            int count = Math.Min(RowsAtOnce, targets.Length - first);
            ReadOnlySpan<float> states = h.Slice(first * Inputs, count * Inputs);
            Logits(states, count, packed, logits);
            for (int i = 0; i < count; i++)
            {
                Span<float> row = logits.AsSpan(i * Classes, Classes);
                int target = targets[first + i];
                float logarithm = LogSumExp(row);
                loss += logarithm - row[target];
                TensorPrimitives.Subtract(row, logarithm, row);
                TensorPrimitives.Exp(row, row);
                row[target] -= 1;
                TensorPrimitives.Multiply(row, weight, row);
            }

            Span<float> dLogits = logits.AsSpan(0, count * Classes);
            Gemm.Multiply(true, false, Classes, Inputs, count, dLogits, Classes, states, Inputs, sums.Of(Weights), Inputs, true);
            Layers.Bias.AddSums(dLogits, sums.Of(Bias));
            Gemm.Multiply(false, count, dLogits, Classes, packedBack, dh[(first * Inputs)..], Inputs, false);
        }

        return loss;
    }

    private void Logits(ReadOnlySpan<float> h, int rows, PackedMatrix weights, Span<float> logits)
    {
        Layers.Bias.Fill(logits[..(rows * Classes)], Bias.Data);
        Gemm.Multiply(false, rows, h, Inputs, weights, logits, Classes, true);
    }

    private static float LogSumExp(ReadOnlySpan<float> x)
    {
        float most = TensorPrimitives.Max(x);
        float[] shifted = System.Buffers.ArrayPool<float>.Shared.Rent(x.Length);
        Span<float> y = shifted.AsSpan(0, x.Length);
        TensorPrimitives.Subtract(x, most, y);
        TensorPrimitives.Exp(y, y);
        float sum = TensorPrimitives.Sum<float>(y);
        System.Buffers.ArrayPool<float>.Shared.Return(shifted);
        return most + MathF.Log(sum);
    }
}
