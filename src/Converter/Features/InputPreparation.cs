using System.Globalization;
using System.Numerics.Tensors;
using TinyInference.Converter.Data;

namespace TinyInference.Converter.Features;

/// <summary>How data as people have it becomes a network's real input: the blob's metadata "input preparation", docs/SPEC.md.</summary>
/// <param name="Features">What WAV samples become; null when the network does not take sound.</param>
/// <param name="Scale">Real input = data * scale + offset.</param>
/// <param name="Offset">See <paramref name="Scale"/>.</param>
/// <param name="Data">What one number of a sample is where samples come as bytes; null where that is not stated.</param>
internal sealed record InputPreparation(FeatureSettings? Features = null, float Scale = 1, float Offset = 0, RawType? Data = null)
{
    /// <summary>In place of <see cref="Scale"/> and <see cref="Offset"/>, where columns of a table differ; null where all numbers are scaled alike.</summary>
    public ColumnScales? Columns { get; init; }

    /// <summary>Real inputs beyond -limit and limit are brought to it; infinite where none is stated.</summary>
    public float Limit { get; init; } = float.PositiveInfinity;

    /// <summary>Turns whole samples, one after the other, into real inputs.</summary>
    public void Apply(Span<float> samples)
    {
        if (Columns is not { } columns)
        {
            TensorPrimitives.Multiply(samples, Scale, samples);
            TensorPrimitives.Add(samples, Offset, samples);
        }
        else
        {
            for (int first = 0; first < samples.Length; first += columns.Count)
            {
                Span<float> sample = samples.Slice(first, columns.Count);
                TensorPrimitives.Multiply(sample, columns.Scale, sample);
                TensorPrimitives.Add(sample, columns.Offset, sample);
            }
        }

        if (float.IsFinite(Limit))
        {
            TensorPrimitives.Max(samples, -Limit, samples);
            TensorPrimitives.Min(samples, Limit, samples);
        }
    }

    /// <summary>Turns real inputs back into data; what <see cref="Limit"/> took stays away.</summary>
    public void Undo(Span<float> samples)
    {
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] = Columns is { } columns
                ? (samples[i] - columns.Offset[i % columns.Count]) / columns.Scale[i % columns.Count]
                : (samples[i] - Offset) / Scale;
        }
    }

    /// <exception cref="InputException">Scales are stated for another number of columns.</exception>
    public void CheckColumns(int elements, string name)
    {
        if (Columns is { } columns && columns.Count != elements)
        {
            throw new InputException($"{name}: input preparation has scales for {columns.Count} columns, a sample has {elements} numbers; give data of this model, or --input-scale");
        }
    }

    /// <summary>Reads <c>key=value</c> pairs apart by <c>;</c>. Keys that are absent keep their defaults; empty text is all defaults.</summary>
    /// <exception cref="InputException">A pair, key or value is not one of the specification's.</exception>
    public static InputPreparation Parse(string text)
    {
        var settings = new FeatureSettings();
        bool hasFeatures = false;
        float[] scale = [1];
        float[] offset = [0];
        float limit = float.PositiveInfinity;
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
                    scale = Reals(key, value);
                    break;
                case "offset":
                    offset = Reals(key, value);
                    break;
                case "limit":
                    limit = Real(key, value) is > 0 and var positive ? positive : throw new InputException($"input preparation: limit={value} is not above 0");
                    break;
                default:
                    throw new InputException(
                        $"input preparation: \"{pair}\" is not known; keys are features, rate, window, step, mel, coefficients, frames, data, scale, offset and limit");
            }
        }

        if (hasFeatures)
        {
            settings.Validate();
        }

        FeatureSettings? features = hasFeatures ? settings : null;
        return scale.Length == 1 && offset.Length == 1
            ? new InputPreparation(features, scale[0], offset[0], data) { Limit = limit }
            : new InputPreparation(features, Data: data) { Columns = ColumnsOf(scale, offset), Limit = limit };
    }

    /// <summary>The text that <see cref="Parse"/> reads; scale and offset only where they are not 1 and 0, or are those of columns.</summary>
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
            pairs.Add("scale=" + Text(Scale));
        }

        if (Offset != 0)
        {
            pairs.Add("offset=" + Text(Offset));
        }

        if (Columns is { } columns)
        {
            pairs.Add("scale=" + string.Join(',', columns.Scale.Select(Text)));
            pairs.Add("offset=" + string.Join(',', columns.Offset.Select(Text)));
        }

        if (float.IsFinite(Limit))
        {
            pairs.Add("limit=" + Text(Limit));
        }

        return string.Join(';', pairs);
    }

    private static string Word(RawType type) => type.ToString().ToLowerInvariant();

    private static string Text(float number) => number.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>One of the two may be a single number for all columns.</summary>
    private static ColumnScales ColumnsOf(float[] scale, float[] offset)
    {
        int count = Math.Max(scale.Length, offset.Length);
        float[] Spread(float[] values) => values.Length == count ? values
            : values.Length == 1 ? [.. Enumerable.Repeat(values[0], count)]
            : throw new InputException($"input preparation: has {scale.Length} scales and {offset.Length} offsets; both must be as many as a sample has numbers");
        float[] scales = Spread(scale);
        return Array.IndexOf(scales, 0) < 0 ? new ColumnScales(scales, Spread(offset)) : throw new InputException("input preparation: a scale of a column is 0; leave the column out instead");
    }

    private static float[] Reals(string key, string value) => [.. value.Split(',').Select(number => Real(key, number))];

    private static int Integer(string key, string value) =>
        int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new InputException($"input preparation: {key}={value} is not an integer");

    private static float Real(string key, string value) =>
        float.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out float number) && float.IsFinite(number)
            ? number
            : throw new InputException($"input preparation: {key}={value} is not a finite number");
}
