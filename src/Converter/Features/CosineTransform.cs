namespace TinyInference.Converter.Features;

/// <summary>
/// The first values of the DCT-II, y[k] = sqrt(2 / N) sum x[n] cos(pi k (n + 1/2) / N), scaled like HTK's and TensorFlow's
/// <c>tf.signal.mfccs_from_log_mel_spectrograms</c> (k = 0 is not divided by sqrt 2). Immutable; threads may share one.
/// </summary>
internal sealed class CosineTransform
{
    private readonly double[] _table;
    private readonly int _length;

    /// <param name="length">N, the number of inputs.</param>
    /// <param name="outputs">How many values are kept, from k = 0 on.</param>
    public CosineTransform(int length, int outputs)
    {
        _length = length;
        _table = new double[outputs * length];
        for (int k = 0; k < outputs; k++)
        {
            for (int n = 0; n < length; n++)
            {
                _table[(k * length) + n] = Math.Sqrt(2.0 / length) * Math.Cos(Math.PI * k * (n + 0.5) / length);
            }
        }
    }

    /// <param name="input">[N].</param>
    /// <param name="output">[outputs].</param>
    public void Apply(ReadOnlySpan<double> input, Span<float> output)
    {
        for (int k = 0; k < output.Length; k++)
        {
            double sum = 0;
            for (int n = 0; n < _length; n++)
            {
                sum += _table[(k * _length) + n] * input[n];
            }

            output[k] = (float)sum;
        }
    }
}
