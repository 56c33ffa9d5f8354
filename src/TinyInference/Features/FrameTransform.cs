using System;

namespace TinyInference;

/// <summary>
/// One window of sound to the features of one frame, in integers: Hann window, real Fourier transform, magnitudes, mel bands, logarithm, cosine transform.
/// Every step is described in docs/ARITHMETIC.md. All memory is allocated by the constructor.
/// </summary>
internal sealed class FrameTransform
{
    /// <summary>ln 2 in Q15.</summary>
    private const int Ln2 = 22713;

    private readonly FeatureTables _tables;
    private readonly int[] _real;
    private readonly int[] _imaginary;

    /// <summary>Where the transform leaves each frequency.</summary>
    private readonly short[] _places;

    /// <summary>log2 of each band, Q10.</summary>
    private readonly int[] _logs;

    internal FrameTransform(FeatureTables tables)
    {
        _tables = tables;
        _real = new int[tables.Half];
        _imaginary = new int[tables.Half];
        _places = new short[tables.Half];
        _logs = new int[tables.Bands];
        for (int k = 0; k < tables.Half; k++)
        {
            _places[k] = (short)Place(k, tables.Half);
        }
    }

    /// <summary>Writes the features of <paramref name="samples"/>, a window long, to <paramref name="features"/> from <paramref name="first"/> on.</summary>
    /// <returns>The largest sample; -1 where all are 0: then no feature is written.</returns>
    internal int Compute(short[] samples, short[] features, int first)
    {
        int largest = Load(samples);
        Transform();
        if (!Bands())
        {
            return -1;
        }

        if (_tables.HasCosine)
        {
            Cosines(features, first);
        }
        else
        {
            Logarithms(features, first);
        }

        return largest > 0 ? largest : 0;
    }

    /// <summary>log2(x) in Q10 for x above 0, within 0.002; 0 for 0.</summary>
    internal static int Log2(long x, short[] table)
    {
        if (x <= 0)
        {
            return 0;
        }

        int exponent = 8;
        while (x >= 1 << 16)
        {
            x >>= 8;
            exponent += 8;
        }

        int y = (int)x;
        if (y < 256)
        {
            y <<= 8;
            exponent -= 8;
        }

        // Now 2^8 to 2^16 - 1; the table wants 2^8 to 2^9 - 1.
        if (y >= 1 << 12)
        {
            y >>= 4;
            exponent += 4;
        }

        if (y >= 1 << 10)
        {
            y >>= 2;
            exponent += 2;
        }

        if (y >= 1 << 9)
        {
            y >>= 1;
            exponent++;
        }

        return (exponent << 10) + table[y - 256];
    }

    /// <summary>Radix 4 with decimation in frequency puts frequency 4k + r of n into the r-th quarter, where it is frequency k.</summary>
    private static int Place(int k, int n)
    {
        int place = 0;
        for (; n >= 4; n >>= 2)
        {
            place += (k & 3) * (n >> 2);
            k >>= 2;
        }

        return place + k;
    }

    /// <summary>Even samples to the real part, odd ones to the imaginary part, times the window.</summary>
    /// <returns>The largest sample.</returns>
    private int Load(short[] samples)
    {
        int[] real = _real;
        int[] imaginary = _imaginary;
        short[] window = _tables.Window;
        int shift = _tables.InputShift;
        int length = _tables.WindowSamples;
        int largest = short.MinValue;
        int k = 0;
        for (int n = 0; n < length; n += 2)
        {
            int x = samples[n];
            if (x > largest)
            {
                largest = x;
            }

            real[k] = (x * window[n]) >> shift;

            // One sample behind an odd window is read, and counts 0 times.
            x = samples[n + 1];
            if (x > largest)
            {
                largest = x;
            }

            imaginary[k] = (x * window[n + 1]) >> shift;
            k++;
        }

        Array.Clear(real, k, real.Length - k);
        Array.Clear(imaginary, k, real.Length - k);
        return largest;
    }

    /// <summary>In place; frequency k ends at <see cref="_places"/>[k]. Nothing is scaled down: the input shift leaves room for the sums.</summary>
    private void Transform()
    {
        int[] real = _real;
        int[] imaginary = _imaginary;
        short[] roots = _tables.Roots;
        int count = real.Length;
        int n = count;
        for (; n >= 4; n >>= 2)
        {
            int quarter = n >> 2;

            // Roots are of order 2 count, two numbers each: w^j of order n is at 4 j count / n.
            int stride = 4 * (count / n);
            ButterfliesWithoutRoots(n);
            for (int j = 1; j < quarter; j++)
            {
                int root = j * stride;
                long c1 = roots[root];
                long s1 = roots[root + 1];
                long c2 = roots[2 * root];
                long s2 = roots[(2 * root) + 1];

                // The third power goes beyond the table, which ends at half a turn: behind it the signs change.
                root *= 3;
                int sign = 1;
                if (root >= roots.Length)
                {
                    root -= roots.Length;
                    sign = -1;
                }

                long c3 = roots[root] * sign;
                long s3 = roots[root + 1] * sign;
                for (int a = j; a < count; a += n)
                {
                    int b = a + quarter;
                    int c = b + quarter;
                    int d = c + quarter;
                    int ar = real[a];
                    int cr = real[c];
                    int ai = imaginary[a];
                    int ci = imaginary[c];
                    int sumR = ar + cr;
                    int sumI = ai + ci;
                    ar -= cr;
                    ai -= ci;
                    int br = real[b];
                    int dr = real[d];
                    int bi = imaginary[b];
                    int di = imaginary[d];
                    cr = br + dr;
                    ci = bi + di;
                    br -= dr;
                    bi -= di;
                    real[a] = sumR + cr;
                    imaginary[a] = sumI + ci;
                    sumR -= cr;
                    sumI -= ci;
                    real[c] = (int)(((sumR * c2) + (sumI * s2)) >> 15);
                    imaginary[c] = (int)(((sumI * c2) - (sumR * s2)) >> 15);
                    sumR = ar + bi;
                    sumI = ai - br;
                    real[b] = (int)(((sumR * c1) + (sumI * s1)) >> 15);
                    imaginary[b] = (int)(((sumI * c1) - (sumR * s1)) >> 15);
                    ar -= bi;
                    ai += br;
                    real[d] = (int)(((ar * c3) + (ai * s3)) >> 15);
                    imaginary[d] = (int)(((ai * c3) - (ar * s3)) >> 15);
                }
            }
        }

        if (n == 2)
        {
            Pairs();
        }
    }

    /// <summary>The first butterfly of each block of <paramref name="n"/>, whose roots are 1.</summary>
    private void ButterfliesWithoutRoots(int n)
    {
        int[] real = _real;
        int[] imaginary = _imaginary;
        int quarter = n >> 2;
        int count = real.Length;
        for (int a = 0; a < count; a += n)
        {
            int b = a + quarter;
            int c = b + quarter;
            int d = c + quarter;
            int ar = real[a];
            int cr = real[c];
            int ai = imaginary[a];
            int ci = imaginary[c];
            int sumR = ar + cr;
            int sumI = ai + ci;
            ar -= cr;
            ai -= ci;
            int br = real[b];
            int dr = real[d];
            int bi = imaginary[b];
            int di = imaginary[d];
            cr = br + dr;
            ci = bi + di;
            br -= dr;
            bi -= di;
            real[a] = sumR + cr;
            imaginary[a] = sumI + ci;
            real[c] = sumR - cr;
            imaginary[c] = sumI - ci;
            real[b] = ar + bi;
            imaginary[b] = ai - br;
            real[d] = ar - bi;
            imaginary[d] = ai + br;
        }
    }

    /// <summary>The last step of a transform whose length is no power of 4.</summary>
    private void Pairs()
    {
        int[] real = _real;
        int[] imaginary = _imaginary;
        for (int a = 0; a < real.Length; a += 2)
        {
            int r = real[a + 1];
            int i = imaginary[a + 1];
            real[a + 1] = real[a] - r;
            imaginary[a + 1] = imaginary[a] - i;
            real[a] += r;
            imaginary[a] += i;
        }
    }

    /// <summary>The spectrum of the real samples, its magnitudes, their sums over bands, and the logarithms of these.</summary>
    /// <returns>False where all magnitudes are 0.</returns>
    private bool Bands()
    {
        int[] real = _real;
        int[] imaginary = _imaginary;
        int[] logs = _logs;
        short[] places = _places;
        short[] roots = _tables.Roots;
        short[] hypotenuse = _tables.Hypotenuse;
        short[] logarithm = _tables.Logarithm;
        short[] rises = _tables.Rises;
        short[] ends = _tables.BandEnds;
        int count = real.Length;
        long before = 0;
        bool any = false;
        int k = ends[0];
        for (int segment = 1; segment < ends.Length; segment++)
        {
            // Bins between the middles of two bands: what share they do not have in the rising one is the falling one's.
            int end = ends[segment];
            long rising = 0;
            long all = 0;
            for (; k < end; k++)
            {
                int p = places[k];
                int q = places[count - k];
                int x = real[p];
                int t = real[q];
                long odd = t - x;
                x += t;
                int y = imaginary[p];
                t = imaginary[q];
                long even = y + t;
                y -= t;
                int root = 2 * k;
                int c = roots[root];
                int s = roots[root + 1];
                x += (int)(((even * c) + (odd * s)) >> 15);
                y += (int)(((odd * c) - (even * s)) >> 15);

                // Magnitudes, 1 too small below zero: of no weight here, and there is no number that it does not work for.
                x ^= x >> 31;
                y ^= y >> 31;
                if (x < y)
                {
                    t = x;
                    x = y;
                    y = t;
                }

                if (x > 0)
                {
                    // sqrt(x^2 + y^2) = x sqrt(1 + (y / x)^2)
                    long magnitude = ((long)x * hypotenuse[(int)(((long)y << 8) / x)]) >> 14;
                    all += magnitude;
                    rising += magnitude * rises[k];
                }
            }

            any |= all != 0;
            rising >>= 15;
            if (segment > 1)
            {
                logs[segment - 2] = Log2(before + all - rising, logarithm);
            }

            before = rising;
        }

        return any;
    }

    /// <summary>The cosine transform of the logarithms. Its rows are symmetric, or antisymmetric: the bands are folded in the middle first.</summary>
    private void Cosines(short[] features, int first)
    {
        int[] logs = _logs;
        short[] cosines = _tables.Cosines;
        int shift = _tables.OutputShift;
        int half = logs.Length >> 1;
        int rowLength = (logs.Length + 1) >> 1;
        int last = logs.Length - 1;
        for (int n = 0; n < half; n++)
        {
            int low = logs[n];
            int high = logs[last - n];
            logs[n] = low + high;
            logs[last - n] = low - high;
        }

        int weight = 0;
        int round = (1 << shift) >> 1;
        int end = first + _tables.Width;
        for (int place = first; place < end; place++)
        {
            int sum = round;
            if (((place - first) & 1) == 0)
            {
                for (int n = 0; n < rowLength; n++)
                {
                    sum += cosines[weight + n] * logs[n];
                }
            }
            else
            {
                // The middle of an odd number of bands counts 0 times here.
                for (int n = 0; n < half; n++)
                {
                    sum += cosines[weight + n] * logs[last - n];
                }
            }

            features[place] = Saturated(sum >> shift);
            weight += rowLength;
        }
    }

    private void Logarithms(short[] features, int first)
    {
        int[] logs = _logs;
        int shift = _tables.OutputShift;
        int round = (1 << shift) >> 1;
        for (int band = 0; band < logs.Length; band++)
        {
            features[first + band] = Saturated(((logs[band] * Ln2) + round) >> shift);
        }
    }

    private static short Saturated(int x) => (short)(x > short.MaxValue ? short.MaxValue : x < short.MinValue ? short.MinValue : x);
}
