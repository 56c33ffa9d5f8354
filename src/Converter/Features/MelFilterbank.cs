namespace TinyInference.Converter.Features;

/// <summary>
/// Triangular bands, evenly apart on the mel scale of HTK, mel = 1127 ln(1 + f / 700), with slopes that are straight in mel. The bin of
/// frequency 0 is in no band. The same as TensorFlow's <c>tf.signal.linear_to_mel_weight_matrix</c>. Immutable; threads may share one.
/// </summary>
internal sealed class MelFilterbank
{
    private readonly int[] _firstBin;
    private readonly double[][] _weights;

    /// <param name="bands">Number of bands.</param>
    /// <param name="bins">Bins of the spectrum, 0 to half of <paramref name="sampleRate"/>.</param>
    /// <param name="sampleRate">In hertz.</param>
    /// <param name="lowerHertz">Where the first band begins.</param>
    /// <param name="upperHertz">Where the last band ends.</param>
    public MelFilterbank(int bands, int bins, int sampleRate, double lowerHertz, double upperHertz)
    {
        double lower = Mel(lowerHertz);
        double spacing = (Mel(upperHertz) - lower) / (bands + 1);
        _firstBin = new int[bands];
        _weights = new double[bands][];
        for (int band = 0; band < bands; band++)
        {
            double center = lower + ((band + 1) * spacing);
            var weights = new List<double>();
            for (int bin = 1; bin < bins; bin++)
            {
                double distance = Math.Abs(Mel(bin * (sampleRate / 2.0) / (bins - 1)) - center);
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

    private static double Mel(double hertz) => 1127 * Math.Log(1 + (hertz / 700));
}
