using System.Numerics.Tensors;
using TinyInference.Converter.Data;

namespace TinyInference.Converter.Training;

/// <summary>A sample as one step trains with it.</summary>
/// <param name="Index">Of the sample in the data.</param>
/// <param name="Other">Of the sample that is blended into it.</param>
/// <param name="Share">Of the other one, from 0 to 1; 0 where nothing is blended.</param>
internal readonly record struct DrawnSample(int Index, int Other, float Share)
{
    /// <summary>Of the two the one with the larger share.</summary>
    public int Main => Share > 0.5f ? Other : Index;
}

/// <summary>
/// Blends each sample with another one that chance chooses, and what is to be learned about them likewise (H. Zhang et al., arXiv 1710.09412): the
/// share of the other one has the distribution Beta(alpha, alpha), which for 1 is uniform and near 0 leaves most samples almost as they were.
/// </summary>
internal sealed class Mixup
{
    private readonly float _alpha;

    private Mixup(float alpha) => _alpha = alpha;

    /// <param name="alpha">From 0 to 1.</param>
    /// <returns>Null for 0, with which every sample stays as it is.</returns>
    /// <exception cref="InputException">It is not from 0 to 1.</exception>
    public static Mixup? Of(float alpha) => alpha switch
    {
        0 => null,
        > 0 and <= 1 => new Mixup(alpha),
        _ => throw new InputException(FormattableString.Invariant($"--mixup takes a number from 0 (never) to 1 (shares of all sizes alike), not {alpha}")),
    };

    /// <summary>Chooses what is blended into a sample, and how much of it; the same for the same seed.</summary>
    /// <param name="count">Samples of the data.</param>
    public DrawnSample Draw(int index, int count, int seed)
    {
        var random = new SplitMix(seed);
        int other = random.Next(count);
        while (true)
        {
            // M. D. Joehnk, 1964: x / (x + y) has the distribution wanted where x + y is at most 1.
            double x = Math.Pow(random.NextShare(), 1 / _alpha);
            double y = Math.Pow(random.NextShare(), 1 / _alpha);
            if (x + y is > 0 and <= 1)
            {
                return new DrawnSample(index, other, (float)(x / (x + y)));
            }
        }
    }

    /// <summary>Makes a sample (1 - share) of itself plus share of the other one, in place.</summary>
    public static void Blend(Span<float> sample, ReadOnlySpan<float> other, float share)
    {
        TensorPrimitives.Multiply(sample, 1 - share, sample);
        TensorPrimitives.MultiplyAdd(other, share, sample, sample);
    }
}
