using TinyInference.Converter.Features;

namespace TinyInference.Converter.Sound;

/// <summary>How sound is seen and what looks at it, by what a device can afford.</summary>
/// <param name="Name">As a user asks for it.</param>
/// <param name="Network">Its name among the named networks.</param>
/// <param name="DisturbsFeatures">It has room to learn from disturbed features.</param>
internal sealed record KeywordSize(string Name, FeatureSettings Features, string Network, bool DisturbsFeatures)
{
    /// <summary>MLPerf Tiny's features and network: for native kernels, or a faster chip than an ESP32.</summary>
    public static KeywordSize Normal { get; } = new("normal", new FeatureSettings(), "dscnn", true);

    /// <summary>
    /// For interpreted code. The bands end at 4 kHz, so 8,000 samples a second hold as much, and half the transform gives the same bins; half as many frames.
    /// </summary>
    public static KeywordSize Small { get; } = new(
        "small",
        new FeatureSettings { SampleRate = 8000, WindowMilliseconds = 32, StepMilliseconds = 40, Frames = 24 },
        "dscnn:width=24,blocks=3",
        false);

    private static KeywordSize[] All => [Normal, Small];

    /// <param name="name">Null for the default.</param>
    /// <exception cref="InputException">There is no such size.</exception>
    public static KeywordSize Of(string? name) => name is null
        ? Normal
        : Array.Find(All, s => s.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw new InputException($"--size is {string.Join(" or ", All.Select(s => s.Name))}, not '{name}'");
}
