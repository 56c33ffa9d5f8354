using System;

namespace TinyInference.Device;

/// <summary>How a sample becomes the input tensor, from the blob's metadata: real input = data * Scale + Offset.</summary>
internal sealed class Preparation
{
    /// <param name="text">key=value pairs apart by semicolons; null for none.</param>
    internal Preparation(string text)
    {
        Scale = 1;
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

    internal float Scale { get; private set; }

    internal float Offset { get; private set; }

    private void Set(string key, string value)
    {
        switch (key)
        {
            case "data":
                Format = value == "uint8" ? SampleFormat.UInt8 : value == "float32" ? SampleFormat.Float32 : SampleFormat.Int8;
                break;
            case "scale":
                Scale = Parse(value, 1);
                break;
            case "offset":
                Offset = Parse(value, 0);
                break;
            default:
                // Other keys say how sound becomes features, which is not the console's work.
                break;
        }
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
