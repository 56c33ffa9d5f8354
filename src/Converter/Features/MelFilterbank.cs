namespace TinyInference.Converter.Features;

/// <summary>
/// Triangular bands, evenly apart on the mel scale of HTK, mel = 1127 ln(1 + f / 700), with slopes that are straight in mel. The bin of
/// frequency 0 is in no band. The same as TensorFlow's <c>tf.signal.linear_to_mel_weight_matrix</c>. Immutable; threads may share one.
/// </summary>
internal sealed class MelFilterbank
{
    private readonly int[] _firstBin;
    private readonly double[][] _weights;
    private readonly double _lower;
    private readonly double _spacing;
    private readonly double _binHertz;
    private readonly int _bins;

    /// <param name="bands">Number of bands.</param>
    /// <param name="bins">Bins of the spectrum, 0 to half of <paramref name="sampleRate"/>.</param>
    /// <param name="sampleRate">In hertz.</param>
    /// <param name="lowerHertz">Where the first band begins.</param>
    /// <param name="upperHertz">Where the last band ends.</param>
    public MelFilterbank(int bands, int bins, int sampleRate, double lowerHertz, double upperHertz)
    {
        double lower = _lower = Mel(lowerHertz);
        double spacing = _spacing = (Mel(upperHertz) - lower) / (bands + 1);
        _bins = bins;
        _binHertz = sampleRate / 2.0 / (bins - 1);
        _firstBin = new int[bands];
        _weights = new double[bands][];
        for (int band = 0; band < bands; band++)
        {
            double center = lower + ((band + 1) * spacing);
            var weights = new List<double>();
            for (int bin = 1; bin < bins; bin++)
            {
                double distance = Math.Abs(Mel(bin * _binHertz) - center);
                if (distance < spacing)
                {
                    if (weights.Count == 0)
                    {
                        _firstBin[band] = bin;
                    }

                    weights.Add(1 - (distance / spacing));
                }
            }

            _weights[band] = [.. weights];
        }
    }

    public int Bands => _weights.Length;

    /// <summary>The weighted sum of each band.</summary>
    /// <param name="spectrum">[bins].</param>
    /// <param name="mel">[<see cref="Bands"/>].</param>
    public void Apply(ReadOnlySpan<double> spectrum, Span<double> mel)
    {
        for (int band = 0; band < _weights.Length; band++)
        {
            double[] weights = _weights[band];
            int first = _firstBin[band];
            double sum = 0;
            for (int i = 0; i < weights.Length; i++)
            {
                sum += weights[i] * spectrum[first + i];
            }

            mel[band] = sum;
        }
    }

    /// <summary>
    /// The same bands seen from the bins: those between the middles of two bands rise in the upper one by a share, and fall in the lower one by what is left.
    /// </summary>
    /// <returns>
    /// Ends [bands + 2]: bins from element i to element i + 1 rise in band i and fall in band i - 1. Rises [last bin + 1]: the share of each bin, Q15.
    /// </returns>
    public (short[] Ends, short[] Rises) Segments()
    {
        var ends = new short[Bands + 2];
        var rises = new List<short>();
        for (int bin = 0; bin < _bins - 1; bin++)
        {
            double place = (Mel(bin * _binHertz) - _lower) / _spacing;
            if (place >= Bands + 1)
            {
                break;
            }

            int segment = (int)Math.Floor(place);
            bool counts = bin > 0 && place > 0;
            rises.Add((short)(counts ? Math.Min(Math.Round((place - segment) * 32768), short.MaxValue) : 0));
            for (int i = counts ? segment + 1 : 0; i < ends.Length; i++)
            {
                ends[i] = (short)(bin + 1);
            }
        }

        return (ends, [.. rises]);
    }

    private static double Mel(double hertz) => 1127 * Math.Log(1 + (hertz / 700));
}
