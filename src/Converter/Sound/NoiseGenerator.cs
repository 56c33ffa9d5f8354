using TinyInference.Converter.Data;

namespace TinyInference.Converter.Sound;

/// <summary>Noise by formula, for rooms that nobody has recorded: white, pink, brown, hum and crackle.</summary>
internal static class NoiseGenerator
{
    private const int Kinds = 5;

    /// <summary>Noise of a kind and colour that chance decides; its root mean square is about 1.</summary>
    public static float[] Create(int length, SplitMix random)
    {
        var noise = new float[length];
        switch (random.Next(Kinds))
        {
            case 0:
                Fill(noise, () => Gaussian(random));
                break;
            case 1:
                Pink(noise, random);
                break;
            case 2:
                Brown(noise, random);
                break;
            case 3:
                Hum(noise, random);
                break;
            default:
                Crackle(noise, random);
                break;
        }

        double power = 1e-12;
        foreach (float sample in noise)
        {
            power += sample * sample;
        }

        float gain = (float)(1 / Math.Sqrt(power / length));
        for (int i = 0; i < length; i++)
        {
            noise[i] *= gain;
        }

        return noise;
    }

    /// <summary>Near enough to a normal distribution for noise: the sum of four even ones.</summary>
    public static float Gaussian(SplitMix random)
    {
        ulong bits = random.Next();
        int sum = (int)(bits & 0xFFFF) + (int)((bits >> 16) & 0xFFFF) + (int)((bits >> 32) & 0xFFFF) + (int)(bits >> 48);
        return (sum - (2 * 65535)) / 37837f;
    }

    private static void Fill(float[] noise, Func<float> next)
    {
        for (int i = 0; i < noise.Length; i++)
        {
            noise[i] = next();
        }
    }

    /// <summary>1/f: rows of white noise, each renewed half as often as the one before (Voss and McCartney).</summary>
    private static void Pink(float[] noise, SplitMix random)
    {
        var rows = new float[12];
        float sum = 0;
        for (int i = 0; i < noise.Length; i++)
        {
            int row = Math.Min(System.Numerics.BitOperations.TrailingZeroCount(i + 1), rows.Length - 1);
            sum -= rows[row];
            rows[row] = Gaussian(random);
            sum += rows[row];
            noise[i] = sum + Gaussian(random);
        }
    }

    /// <summary>1/f^2: a sum that leaks.</summary>
    private static void Brown(float[] noise, SplitMix random)
    {
        float sum = 0;
        Fill(noise, () => sum = (0.995f * sum) + Gaussian(random));
    }

    /// <summary>A mains-like tone with overtones over soft noise.</summary>
    private static void Hum(float[] noise, SplitMix random)
    {
        double step = 2 * Math.PI * (45 + random.Next(200)) / SoundReader.Rate;
        double second = random.Next(100) / 100.0;
        double third = random.Next(100) / 100.0;
        double hiss = random.Next(100) / 200.0;
        for (int i = 0; i < noise.Length; i++)
        {
            noise[i] = (float)(Math.Sin(step * i) + (second * Math.Sin(2 * step * i)) + (third * Math.Sin(3 * step * i)) + (hiss * Gaussian(random)));
        }
    }

    /// <summary>Clicks that ring, as of dishes or a keyboard.</summary>
    private static void Crackle(float[] noise, SplitMix random)
    {
        Fill(noise, () => 0.05f * Gaussian(random));
        int clicks = 1 + random.Next(12);
        for (int c = 0; c < clicks; c++)
        {
            int start = random.Next(noise.Length);
            double step = 2 * Math.PI * (200 + random.Next(3000)) / SoundReader.Rate;
            double decay = 1 - (0.5 / (20 + random.Next(400)));
            double level = 1 + random.Next(4);
            for (int i = start; i < noise.Length && level > 0.01; i++, level *= decay)
            {
                noise[i] += (float)(level * Math.Sin(step * (i - start)));
            }
        }
    }
}
