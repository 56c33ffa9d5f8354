using System.Numerics;

namespace TinyInference.Converter.Features;

/// <summary>
/// Fourier transform of real samples, radix 2 (Cooley and Tukey 1965). N real samples are transformed as N/2 complex ones, the even
/// samples being the real and the odd ones the imaginary part, and then taken apart. Immutable; threads may share one.
/// </summary>
internal sealed class RealFft
{
    private readonly Complex[] _roots;
    private readonly int[] _reversed;

    /// <param name="length">Samples: a power of two, 2 or more.</param>
    public RealFft(int length)
    {
        if (length < 2 || !BitOperations.IsPow2(length))
        {
            throw new ArgumentOutOfRangeException(nameof(length), length, "not a power of two");
        }

        Length = length;
        int half = length / 2;
        _roots = new Complex[half];
        for (int k = 0; k < half; k++)
        {
            _roots[k] = Complex.FromPolarCoordinates(1, -2 * Math.PI * k / length);
        }

        _reversed = new int[half];
        for (int i = 1; i < half; i++)
        {
            _reversed[i] = (_reversed[i / 2] / 2) + (i % 2 * (half / 2));
        }
    }

    public int Length { get; }

    /// <summary>Frequencies from 0 to half the sample rate, both included.</summary>
    public int Bins => (Length / 2) + 1;

    /// <summary>|X[k]| for k = 0 to N/2.</summary>
    /// <param name="samples">[<see cref="Length"/>].</param>
    /// <param name="scratch">[<see cref="Length"/> / 2].</param>
    /// <param name="magnitudes">[<see cref="Bins"/>].</param>
    public void Magnitudes(ReadOnlySpan<double> samples, Span<Complex> scratch, Span<double> magnitudes)
    {
        int half = Length / 2;
        for (int i = 0; i < half; i++)
        {
            scratch[_reversed[i]] = new Complex(samples[2 * i], samples[(2 * i) + 1]);
        }

        Transform(scratch[..half]);
        magnitudes[0] = Math.Abs(scratch[0].Real + scratch[0].Imaginary);
        magnitudes[half] = Math.Abs(scratch[0].Real - scratch[0].Imaginary);
        for (int k = 1; k < half; k++)
        {
            Complex mirrored = Complex.Conjugate(scratch[half - k]);
            Complex even = (scratch[k] + mirrored) * 0.5;
            Complex odd = (scratch[k] - mirrored) * new Complex(0, -0.5);
            Complex x = even + (_roots[k] * odd);
            magnitudes[k] = Math.Sqrt((x.Real * x.Real) + (x.Imaginary * x.Imaginary));
        }
    }

    /// <summary>In place, of values in bit-reversed order.</summary>
    private void Transform(Span<Complex> values)
    {
        for (int size = 2; size <= values.Length; size *= 2)
        {
            int rootStep = Length / size;
            for (int start = 0; start < values.Length; start += size)
            {
                for (int k = 0; k < size / 2; k++)
                {
                    Complex even = values[start + k];
                    Complex odd = values[start + k + (size / 2)] * _roots[k * rootStep];
                    values[start + k] = even + odd;
                    values[start + k + (size / 2)] = even - odd;
                }
            }
        }
    }
}
