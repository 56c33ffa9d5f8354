namespace TinyInference.Converter.Sound;

/// <summary>Sound at another rate: a low-pass (a sinc under a Hann window, 16 zero crossings) read at the new times.</summary>
internal static class Resampler
{
    private const int Crossings = 8;

    /// <summary>Steps between two zero crossings of the stored filter; between steps it is interpolated.</summary>
    private const int Resolution = 64;

    private static readonly float[] s_filter = CreateFilter();

    /// <summary>Plays <paramref name="sound"/> <paramref name="speed"/> times as fast: 44,100 Hz at 44.1 / 16 becomes 16,000 Hz. Speech becomes higher and shorter above 1.</summary>
    /// <param name="sound">Any number of samples.</param>
    /// <param name="speed">Above 0.</param>
    public static float[] Resample(ReadOnlySpan<float> sound, double speed)
    {
        if (speed == 1)
        {
            return sound.ToArray();
        }

        var result = new float[Math.Max(1, (int)(sound.Length / speed))];

        // Above half of the lower one of the two rates nothing may remain.
        double cutoff = Math.Min(1, 1 / speed);
        double reach = Crossings / cutoff;
        for (int i = 0; i < result.Length; i++)
        {
            double center = i * speed;
            int first = Math.Max(0, (int)Math.Ceiling(center - reach));
            int last = Math.Min(sound.Length - 1, (int)(center + reach));
            double sum = 0;
            for (int n = first; n <= last; n++)
            {
                double place = Math.Abs(n - center) * cutoff * Resolution;
                int step = (int)place;
                double part = place - step;
                sum += sound[n] * (s_filter[step] + (part * (s_filter[step + 1] - s_filter[step])));
            }

            result[i] = (float)(sum * cutoff);
        }

        return result;
    }

    /// <summary>One half of the filter, from its middle on; zeros stand at its end.</summary>
    private static float[] CreateFilter()
    {
        var filter = new float[(Crossings * Resolution) + 2];
        filter[0] = 1;
        for (int i = 1; i < Crossings * Resolution; i++)
        {
            double x = Math.PI * i / Resolution;
            filter[i] = (float)(Math.Sin(x) / x * (0.5 + (0.5 * Math.Cos(x / Crossings))));
        }

        return filter;
    }
}
