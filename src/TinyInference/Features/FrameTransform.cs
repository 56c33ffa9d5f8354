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

    /// <summary>
    /// Complex numbers, each the sum of its real part and 2^32 times its imaginary part: sums and differences of two of them are one instruction, and one
    /// load brings both parts. The real part is the low half, sign and all; what is left without it is the imaginary part.
    /// </summary>
    private readonly long[] _numbers;

    /// <summary>Where the transform leaves each frequency.</summary>
    private readonly short[] _places;

    /// <summary>log2 of each band, Q10.</summary>
    private readonly int[] _logs;

    internal FrameTransform(FeatureTables tables)
    {
        _tables = tables;
        _numbers = new long[tables.Half];
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
        long[] numbers = _numbers;
        short[] window = _tables.Window;
        int shift = _tables.InputShift;
        int length = _tables.WindowSamples;
        int largest = short.MinValue;
        for (int n = 0; n < length; n += 2)
        {
            int x = samples[n];
            if (x > largest)
            {
                largest = x;
            }

            // One sample behind an odd window is read, and counts 0 times.
            int y = samples[n + 1];
            if (y > largest)
            {
                largest = y;
            }

            numbers[n >> 1] = ((x * window[n]) >> shift) + ((long)((y * window[n + 1]) >> shift) << 32);
        }

        int used = (length + 1) >> 1;
        Array.Clear(numbers, used, numbers.Length - used);
        return largest;
    }

    /// <summary>In place; frequency k ends at <see cref="_places"/>[k]. Nothing is scaled down: the input shift leaves room for the sums.</summary>
    private void Transform()
    {
        long[] numbers = _numbers;
        short[] roots = _tables.Roots;
        int count = numbers.Length;
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
                for (int i = j; i < count; i += n)
                {
                    int k = i + quarter;
                    int l = k + quarter;
                    int m = l + quarter;
                    long a = numbers[i];
                    long c = numbers[l];
                    long sum = a + c;
                    a -= c;
                    long b = numbers[k];
                    long d = numbers[m];
                    c = b + d;
                    b -= d;
                    numbers[i] = sum + c;
                    sum -= c;
                    long re = (int)sum;
                    long im = (sum - re) >> 32;
                    numbers[l] = (((re * c2) + (im * s2)) >> 15) + ((((im * c2) - (re * s2)) >> 15) << 32);

                    // -i (b - d)
                    re = (int)b;
                    b = ((b - re) >> 32) - (re << 32);
                    sum = a + b;
                    re = (int)sum;
                    im = (sum - re) >> 32;
                    numbers[k] = (((re * c1) + (im * s1)) >> 15) + ((((im * c1) - (re * s1)) >> 15) << 32);
                    a -= b;
                    re = (int)a;
                    im = (a - re) >> 32;
                    numbers[m] = (((re * c3) + (im * s3)) >> 15) + ((((im * c3) - (re * s3)) >> 15) << 32);
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
        long[] numbers = _numbers;
        int quarter = n >> 2;
        int count = numbers.Length;
        for (int i = 0; i < count; i += n)
        {
            int k = i + quarter;
            int l = k + quarter;
            int m = l + quarter;
            long a = numbers[i];
            long c = numbers[l];
            long sum = a + c;
            a -= c;
            long b = numbers[k];
            long d = numbers[m];
            c = b + d;
            b -= d;
            numbers[i] = sum + c;
            numbers[l] = sum - c;
            long re = (int)b;
            b = ((b - re) >> 32) - (re << 32);
            numbers[k] = a + b;
            numbers[m] = a - b;
        }
    }

    /// <summary>The last step of a transform whose length is no power of 4.</summary>
    private void Pairs()
    {
        long[] numbers = _numbers;
        for (int i = 0; i < numbers.Length; i += 2)
        {
            long a = numbers[i];
            long b = numbers[i + 1];
            numbers[i] = a + b;
            numbers[i + 1] = a - b;
        }
    }

    /// <summary>The spectrum of the real samples, its magnitudes, their sums over bands, and the logarithms of these.</summary>
    /// <returns>False where all magnitudes are 0.</returns>
    private bool Bands()
    {
        long[] numbers = _numbers;
        int[] logs = _logs;
        short[] places = _places;
        short[] roots = _tables.Roots;
        short[] hypotenuse = _tables.Hypotenuse;
        short[] logarithm = _tables.Logarithm;
        short[] rises = _tables.Rises;
        short[] ends = _tables.BandEnds;
        int count = numbers.Length;
        long before = 0;
        bool any = false;
        int k = ends[0];
        int root = 2 * k;
        for (int segment = 1; segment < ends.Length; segment++)
        {
            // Bins between the middles of two bands: what share they do not have in the rising one is the falling one's.
            int end = ends[segment];
            long rising = 0;
            long all = 0;
            for (; k < end; k++)
            {
                long z = numbers[places[k]];
                long w = numbers[places[count - k]];
                long u = z + w;
                long x = (int)u;
                long even = (u - x) >> 32;
                w -= z;
                long odd = (int)w;
                long y = (odd - w) >> 32;
                long c = roots[root];
                long s = roots[root + 1];
                root += 2;
                x += ((even * c) + (odd * s)) >> 15;
                y += ((odd * c) - (even * s)) >> 15;

                // Magnitudes, 1 too small below zero: of no weight here.
                x ^= x >> 63;
                y ^= y >> 63;
                if (x < y)
                {
                    u = x;
                    x = y;
                    y = u;
                }

                if (x > 0)
                {
                    // sqrt(x^2 + y^2) = x sqrt(1 + (y / x)^2)
                    x = (x * hypotenuse[(int)((y << 8) / x)]) >> 14;
                    all += x;
                    rising += x * rises[k];
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
