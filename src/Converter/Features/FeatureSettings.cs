namespace TinyInference.Converter.Features;

/// <summary>What sound becomes before a network sees it.</summary>
internal enum FeatureKind
{
    /// <summary>Mel-frequency cepstral coefficients: the first values of the DCT of the log-mel spectrum.</summary>
    Mfcc,

    /// <summary>Natural logarithm of the mel spectrum.</summary>
    LogMel,
}

/// <summary>
/// How a clip of sound becomes <see cref="Frames"/> x <see cref="Width"/> features. The defaults are those of MLPerf Tiny's keyword spotting:
/// 16 kHz, 30 ms windows every 20 ms, 40 mel bands from 20 to 4000 Hz, 10 coefficients, 49 frames (one second).
/// </summary>
internal sealed record FeatureSettings
{
    /// <summary>Lower edge of the first mel band, in hertz.</summary>
    public const double LowerHertz = 20;

    /// <summary>Upper edge of the last mel band, in hertz.</summary>
    public const double UpperHertz = 4000;

    public FeatureKind Kind { get; init; } = FeatureKind.Mfcc;

    /// <summary>Samples a second: 8000 or 16000.</summary>
    public int SampleRate { get; init; } = 16000;

    public int WindowMilliseconds { get; init; } = 30;

    public int StepMilliseconds { get; init; } = 20;

    public int MelBands { get; init; } = 40;

    /// <summary>How many cepstral coefficients are kept; without meaning for <see cref="FeatureKind.LogMel"/>.</summary>
    public int Coefficients { get; init; } = 10;

    /// <summary>Windows in one sample; a shorter clip is followed by silence, of a longer one the beginning is used.</summary>
    public int Frames { get; init; } = 49;

    /// <summary>Features of one frame.</summary>
    public int Width => Kind == FeatureKind.Mfcc ? Coefficients : MelBands;

    public int WindowSamples => SampleRate * WindowMilliseconds / 1000;

    public int StepSamples => SampleRate * StepMilliseconds / 1000;

    /// <summary>The power of two that holds a window.</summary>
    public int FftLength => (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)WindowSamples);

    /// <summary>Samples that the frames look at.</summary>
    public int ClipSamples => ((Frames - 1) * StepSamples) + WindowSamples;

    /// <exception cref="InputException">A setting is outside what can be computed.</exception>
    public void Validate()
    {
        if (SampleRate is not (8000 or 16000))
        {
            throw new InputException($"features: a rate of {SampleRate} Hz is not supported, use 8000 or 16000");
        }

        Check("window", WindowMilliseconds, 1, 1000);
        Check("step", StepMilliseconds, 1, 1000);
        Check("mel", MelBands, 1, 256);
        Check("coefficients", Coefficients, 1, Kind == FeatureKind.Mfcc ? MelBands : int.MaxValue);
        Check("frames", Frames, 1, 10_000);
    }

    private static void Check(string key, int value, int minimum, int maximum)
    {
        if (value < minimum || value > maximum)
        {
            throw new InputException($"features: {key}={value} is outside {minimum} to {maximum}");
        }
    }
}
