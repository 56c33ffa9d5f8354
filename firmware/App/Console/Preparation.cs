using System;

namespace TinyInference.Device;

/// <summary>How a sample becomes the input tensor, from the blob's metadata: real input = data * scale + offset, of each number its own where the metadata have lists, within -limit and limit.</summary>
internal sealed class Preparation
{
    private float[] _scales = new float[] { 1 };
    private float[] _offsets = new float[] { 0 };
    private float _limit;

    /// <param name="text">key=value pairs apart by semicolons; null for none.</param>
    internal Preparation(string text)
    {
        if (text is null)
        {
            return;
        }

        string[] pairs = text.Split(new[] { ';' });
        for (int i = 0; i < pairs.Length; i++)
        {
            int equals = pairs[i].IndexOf('=');
            if (equals > 0)
            {
                Set(pairs[i].Substring(0, equals), pairs[i].Substring(equals + 1));
            }
        }
    }

    internal SampleFormat Format { get; private set; }

    /// <summary>The real input that number <paramref name="index"/> of a sample becomes.</summary>
    internal float Apply(float data, int index)
    {
        float scale = _scales[_scales.Length > index ? index : 0];
        float real = (data * scale) + _offsets[_offsets.Length > index ? index : 0];
        return _limit <= 0 ? real : real > _limit ? _limit : real < -_limit ? -_limit : real;
    }

    private void Set(string key, string value)
    {
        switch (key)
        {
            case "data":
                Format = value == "uint8" ? SampleFormat.UInt8 : value == "float32" ? SampleFormat.Float32 : SampleFormat.Int8;
                break;
            case "scale":
                _scales = ParseAll(value, 1);
                break;
            case "offset":
                _offsets = ParseAll(value, 0);
                break;
            case "limit":
                _limit = Parse(value, 0);
                break;
            default:
                // Other keys say how sound becomes features, which is not the console's work.
                break;
        }
    }

    private static float[] ParseAll(string text, float otherwise)
    {
        string[] numbers = text.Split(new[] { ',' });
        var values = new float[numbers.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Parse(numbers[i], otherwise);
        }

        return values;
    }

    private static float Parse(string text, float otherwise)
    {
        try
        {
            return float.Parse(text);
        }
        catch (Exception)
        {
            return otherwise;
        }
    }
}
