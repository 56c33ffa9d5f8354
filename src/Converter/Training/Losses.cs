using System.Numerics.Tensors;

namespace TinyInference.Converter.Training;

/// <summary>Losses of one sample, with their derivatives.</summary>
internal static class Losses
{
    /// <summary>y = exp(x / temperature) / sum; safe for large x.</summary>
    public static void SoftMax(ReadOnlySpan<float> x, float temperature, Span<float> y)
    {
        TensorPrimitives.Subtract(x, TensorPrimitives.Max(x), y);
        TensorPrimitives.Divide(y, temperature, y);
        TensorPrimitives.Exp(y, y);
        TensorPrimitives.Divide(y, TensorPrimitives.Sum(y), y);
    }

    /// <summary>
    /// Cross entropy of softmax(<paramref name="logits"/>) with a label: -log p[label]. The derivative, p - onehot, times
    /// <paramref name="weight"/>, is added to <paramref name="gradient"/>.
    /// </summary>
    /// <returns>The loss, times <paramref name="weight"/>.</returns>
    public static float CrossEntropy(ReadOnlySpan<float> logits, int label, float weight, Span<float> gradient)
    {
        Span<float> p = stackalloc float[logits.Length];
        SoftMax(logits, 1, p);
        float loss = -MathF.Log(Math.Max(p[label], 1e-30f));
        TensorPrimitives.MultiplyAdd(p, weight, gradient, gradient);
        gradient[label] -= weight;
        return loss * weight;
    }

    /// <summary>
    /// Cross entropy with the labels of the two samples that were blended, each times its share, which is that with the blend of their labels; -1 among
    /// the labels asks for nothing.
    /// </summary>
    /// <param name="classWeights">One factor for each class, or null.</param>
    /// <inheritdoc cref="CrossEntropy"/>
    public static float MixedCrossEntropy(ReadOnlySpan<float> logits, DrawnSample sample, int[] labels, float weight, float[]? classWeights, Span<float> gradient)
    {
        float loss = 0;
        foreach ((int label, float share) in (ReadOnlySpan<(int, float)>)[(labels[sample.Index], 1 - sample.Share), (labels[sample.Other], sample.Share)])
        {
            float factor = weight * share;
            if (label >= 0 && factor > 0)
            {
                loss += CrossEntropy(logits, label, classWeights is null ? factor : factor * classWeights[label], gradient);
            }
        }

        return loss;
    }

    /// <summary>Mean over the elements of (y - target)^2; the derivative, times <paramref name="weight"/>, is added to <paramref name="gradient"/>.</summary>
    /// <returns>The loss, times <paramref name="weight"/>.</returns>
    public static float MeanSquaredError(ReadOnlySpan<float> y, ReadOnlySpan<float> target, float weight, Span<float> gradient)
    {
        float sum = 0;
        float factor = 2 * weight / y.Length;
        for (int i = 0; i < y.Length; i++)
        {
            float difference = y[i] - target[i];
            sum += difference * difference;
            gradient[i] += factor * difference;
        }

        return weight * sum / y.Length;
    }
}
