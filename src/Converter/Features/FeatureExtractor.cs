using System.Numerics;

namespace TinyInference.Converter.Features;

/// <summary>
/// Sound to features, step by step as MLPerf Tiny's keyword spotting does (benchmark/training/keyword_spotting/get_dataset.py): divide the
/// clip by its largest sample, window, magnitude spectrum, mel bands, ln(x + 1e-6), and for MFCC the DCT. Threads may share one.
/// </summary>
internal sealed class FeatureExtractor
{
    private const double LogOffset = 1e-6;

    private readonly FeatureSettings _settings;
    private readonly double[] _window;
    private readonly RealFft _fft;
    private readonly MelFilterbank _mel;
    private readonly CosineTransform? _cosine;

    /// <exception cref="InputException">The settings are outside what can be computed.</exception>
    public FeatureExtractor(FeatureSettings settings)
    {
        settings.Validate();
        _settings = settings;
        _window = HannWindow.Create(settings.WindowSamples);
        _fft = new RealFft(settings.FftLength);
        _mel = new MelFilterbank(settings.MelBands, _fft.Bins, settings.SampleRate, FeatureSettings.LowerHertz, FeatureSettings.UpperHertz);
        _cosine = settings.Kind == FeatureKind.Mfcc ? new CosineTransform(settings.MelBands, settings.Coefficients) : null;
    }

    /// <summary>
    /// Features of the beginning of a clip, frame by frame; silence follows where the clip is shorter than the frames need.
    /// </summary>
    /// <param name="clip">16-bit samples at the settings' rate, any number.</param>
    /// <param name="features">[frames x width].</param>
    public void Extract(ReadOnlySpan<short> clip, Span<float> features)
    {
        // Less than a step beyond the last window still counts for the loudness: the reference scales the second, not the windows.
        clip = clip[..Math.Min(clip.Length, _settings.ClipSamples + _settings.StepSamples - 1)];
        double gain = 1.0 / Loudness(clip);
        var samples = new double[_fft.Length];
        var scratch = new Complex[_fft.Length / 2];
        var spectrum = new double[_fft.Bins];
        var mel = new double[_mel.Bands];
        for (int frame = 0; frame < _settings.Frames; frame++)
        {
            int start = Math.Min(frame * _settings.StepSamples, clip.Length);
            ReadOnlySpan<short> part = clip.Slice(start, Math.Min(_window.Length, clip.Length - start));
            Array.Clear(samples);
            for (int n = 0; n < part.Length; n++)
            {
                samples[n] = part[n] * gain * _window[n];
            }

            _fft.Magnitudes(samples, scratch, spectrum);
            _mel.Apply(spectrum, mel);
            Span<float> output = features.Slice(frame * _settings.Width, _settings.Width);
            for (int band = 0; band < mel.Length; band++)
            {
                mel[band] = Math.Log(mel[band] + LogOffset);
                if (_cosine is null)
                {
                    output[band] = (float)mel[band];
                }
            }

            _cosine?.Apply(mel, output);
        }
    }

    /// <summary>
    /// The largest sample (not the largest magnitude: so the reference has it). Where none is above zero the reference divides by
    /// zero or turns the sign; here the largest magnitude stands in, and 1 for silence.
    /// </summary>
    private static int Loudness(ReadOnlySpan<short> clip)
    {
        int largest = 0;
        int magnitude = 0;
        foreach (short sample in clip)
        {
            largest = Math.Max(largest, sample);
            magnitude = Math.Max(magnitude, Math.Abs((int)sample));
        }

        return largest > 0 ? largest : Math.Max(magnitude, 1);
    }
}
