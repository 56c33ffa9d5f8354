using System.Globalization;
using TinyInference.Converter.Data;

namespace TinyInference.Converter.Features;

/// <summary>How data as people have it becomes a network's real input: the blob's metadata "input preparation", docs/SPEC.md.</summary>
/// <param name="Features">What WAV samples become; null when the network does not take sound.</param>
/// <param name="Scale">Real input = data * scale + offset.</param>
/// <param name="Offset">See <paramref name="Scale"/>.</param>
/// <param name="Data">What one number of a sample is where samples come as bytes; null where that is not stated.</param>
internal sealed record InputPreparation(FeatureSettings? Features = null, float Scale = 1, float Offset = 0, RawType? Data = null)
{
    /// <summary>Reads <c>key=value</c> pairs apart by <c>;</c>. Keys that are absent keep their defaults; empty text is all defaults.</summary>
    /// <exception cref="InputException">A pair, key or value is not one of the specification's.</exception>
    public static InputPreparation Parse(string text)
    {
        var settings = new FeatureSettings();
        bool hasFeatures = false;
        float scale = 1;
        float offset = 0;
        RawType? data = null;
        foreach (string pair in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            string key = equals < 0 ? pair : pair[..equals].Trim();
            string value = equals < 0 ? "" : pair[(equals + 1)..].Trim();
            switch (key)
            {
                case "features":
                    hasFeatures = true;
                    settings = settings with
                    {
                        Kind = value switch
                        {
                            "mfcc" => FeatureKind.Mfcc,
                            "log-mel" => FeatureKind.LogMel,
                            _ => throw new InputException($"input preparation: features={value} is neither mfcc nor log-mel"),
                        },
                    };
                    break;
                case "rate":
                    settings = settings with { SampleRate = Integer(key, value) };
                    break;
                case "window":
                    settings = settings with { WindowMilliseconds = Integer(key, value) };
                    break;
                case "step":
                    settings = settings with { StepMilliseconds = Integer(key, value) };
                    break;
                case "mel":
                    settings = settings with { MelBands = Integer(key, value) };
                    break;
                case "coefficients":
                    settings = settings with { Coefficients = Integer(key, value) };
                    break;
                case "frames":
                    settings = settings with { Frames = Integer(key, value) };
                    break;
                case "data":
                    data = Enum.GetValues<RawType>().Cast<RawType?>().FirstOrDefault(t => Word(t!.Value) == value)
                        ?? throw new InputException($"input preparation: data={value} is none of int8, uint8 and float32");
                    break;
                case "scale":
                    scale = Real(key, value);
                    break;
                case "offset":
                    offset = Real(key, value);
                    break;
                default:
                    throw new InputException(
                        $"input preparation: \"{pair}\" is not known; keys are features, rate, window, step, mel, coefficients, frames, data, scale and offset");
            }
        }

        if (hasFeatures)
        {
            settings.Validate();
        }

        return new InputPreparation(hasFeatures ? settings : null, scale, offset, data);
    }

    /// <summary>The text that <see cref="Parse"/> reads; scale and offset only where they are not 1 and 0.</summary>
    public override string ToString()
    {
        var pairs = new List<string>();
        if (Features is { } f)
        {
            pairs.Add(f.Kind == FeatureKind.Mfcc ? "features=mfcc" : "features=log-mel");
            pairs.Add($"rate={f.SampleRate};window={f.WindowMilliseconds};step={f.StepMilliseconds};mel={f.MelBands}");
            if (f.Kind == FeatureKind.Mfcc)
            {
                pairs.Add($"coefficients={f.Coefficients}");
            }

            pairs.Add($"frames={f.Frames}");
        }

        if (Data is { } data)
        {
            pairs.Add("data=" + Word(data));
        }

        if (Scale != 1)
        {
            pairs.Add("scale=" + Scale.ToString("R", CultureInfo.InvariantCulture));
        }

        if (Offset != 0)
        {
            pairs.Add("offset=" + Offset.ToString("R", CultureInfo.InvariantCulture));
        }

        return string.Join(';', pairs);
    }

    private static string Word(RawType type) => type.ToString().ToLowerInvariant();

    private static int Integer(string key, string value) =>
        int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new InputException($"input preparation: {key}={value} is not an integer");

    private static float Real(string key, string value) =>
        float.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out float number) && float.IsFinite(number)
            ? number
            : throw new InputException($"input preparation: {key}={value} is not a finite number");
}
