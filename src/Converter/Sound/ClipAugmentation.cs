using TinyInference.Converter.Data;

namespace TinyInference.Converter.Sound;

/// <summary>
/// A second of sound as it might have been: spoken faster or slower, earlier or later, in a room that echoes, through another microphone, before a
/// background. Threads may share one.
/// </summary>
/// <param name="backgrounds">Recordings without words; noise by formula is mixed with them.</param>
/// <param name="rate">Samples a second, of clips and backgrounds.</param>
internal sealed class ClipAugmentation(IReadOnlyList<float[]> backgrounds, int rate)
{
    /// <summary>Samples of what comes out: a second.</summary>
    private readonly int _length = rate;

    /// <summary>A recorded word may move so far from its place: 0.1 s.</summary>
    private readonly int _mostShift = rate / 10;

    /// <param name="clip">Left as it is.</param>
    /// <param name="random">Decides what happens.</param>
    /// <returns>One second.</returns>
    public float[] Apply(KeywordClip clip, SplitMix random)
    {
        float[] sound = clip.Sound;
        if (Chance(random, clip.Synthesised ? 80 : 70))
        {
            double speed = clip.Synthesised ? Between(random, 0.8, 1.25) : Between(random, 0.87, 1.15);
            sound = Resampler.Resample(sound, speed);
        }

        float[] second = Place(sound, clip.Synthesised, random);
        if (Chance(random, clip.Synthesised ? 60 : 25))
        {
            Echo(second, random);
        }

        if (Chance(random, clip.Synthesised ? 80 : 50))
        {
            Colour(second, random);
        }

        if (Chance(random, clip.Synthesised ? 90 : 70))
        {
            AddBackground(second, random);
        }

        return second;
    }

    /// <summary>One second of a background alone.</summary>
    public float[] Background(SplitMix random)
    {
        float[] noise = backgrounds.Count > 0 && Chance(random, 60) ? backgrounds[random.Next(backgrounds.Count)] : NoiseGenerator.Create(_length, random);
        if (noise.Length == _length)
        {
            // From another place on, around the end.
            int start = random.Next(_length);
            return [.. noise[start..], .. noise[..start]];
        }

        int from = noise.Length > _length ? random.Next(noise.Length - _length) : 0;
        var second = new float[_length];
        noise.AsSpan(from, Math.Min(_length, noise.Length)).CopyTo(second);
        return second;
    }

    private static bool Chance(SplitMix random, int percent) => random.Next(100) < percent;

    private static double Between(SplitMix random, double low, double high) => low + ((high - low) * random.Next(10_000) / 10_000.0);

    private float[] Place(float[] sound, bool anywhere, SplitMix random)
    {
        var second = new float[_length];
        int room = _length - sound.Length;

        // A clip of about a second is moved a little; a word alone stands near the middle of the second, rarely at its edges.
        int start = anywhere && room > 0
            ? (int)(room * (Between(random, 0, 1) + Between(random, 0, 1)) / 2)
            : (room / 2) + random.Next((2 * _mostShift) + 1) - _mostShift;
        int from = Math.Max(0, -start);
        int to = Math.Max(0, start);
        int count = Math.Min(sound.Length - from, _length - to);
        if (count > 0)
        {
            sound.AsSpan(from, count).CopyTo(second.AsSpan(to));
        }

        return second;
    }

    /// <summary>Some tens of reflections, weaker the later they come.</summary>
    private void Echo(float[] sound, SplitMix random)
    {
        int reach = _length * (20 + random.Next(180)) / 1000;
        double level = Between(random, 0.1, 0.5);
        float[] dry = [.. sound];
        for (int tap = 0; tap < 30; tap++)
        {
            int delay = 20 + random.Next(reach);
            float gain = (float)(level * Math.Exp(-3.0 * delay / reach) * NoiseGenerator.Gaussian(random));
            System.Numerics.Tensors.TensorPrimitives.MultiplyAdd(dry.AsSpan(0, _length - delay), gain, sound.AsSpan(delay), sound.AsSpan(delay));
        }
    }

    /// <summary>Another microphone: a high-pass, then highs or lows weakened, then one band raised or lowered.</summary>
    private void Colour(float[] sound, SplitMix random)
    {
        float pole = (float)Math.Exp(-2 * Math.PI * Between(random, 10, 250) / _length);
        float tilt = (float)Between(random, -0.6, 0.6);
        float low = 0;
        float before = 0;
        for (int i = 0; i < _length; i++)
        {
            low = (pole * low) + ((1 - pole) * sound[i]);
            float high = sound[i] - low;
            sound[i] = high + (tilt * before);
            before = high;
        }

        Peak(sound, 2 * Math.PI * Between(random, 250, 3800) / _length, Between(random, -9, 9));
    }

    /// <summary>The peaking filter of R. Bristow-Johnson's cookbook, one octave wide or so.</summary>
    private static void Peak(float[] sound, double w, double decibel)
    {
        double a = Math.Pow(10, decibel / 40);
        double alpha = Math.Sin(w) / 2;
        double a0 = 1 + (alpha / a);
        float b0 = (float)((1 + (alpha * a)) / a0);
        float b1 = (float)(-2 * Math.Cos(w) / a0);
        float b2 = (float)((1 - (alpha * a)) / a0);
        float a2 = (float)((1 - (alpha / a)) / a0);
        float x1 = 0, x2 = 0, y1 = 0, y2 = 0;
        for (int i = 0; i < sound.Length; i++)
        {
            float x = sound[i];
            float y = (b0 * x) + (b1 * x1) + (b2 * x2) - (b1 * y1) - (a2 * y2);
            (x2, x1, y2, y1) = (x1, x, y1, y);
            sound[i] = y;
        }
    }

    private void AddBackground(float[] sound, SplitMix random)
    {
        float[] noise = Background(random);
        float peak = Math.Max(sound.Max(MathF.Abs), 1e-4f);
        float loudest = Math.Max(noise.Max(MathF.Abs), 1e-4f);

        // Peak to peak: speech at its loudest is 3 to 40 dB above the noise at its loudest.
        float gain = peak / loudest * (float)Math.Pow(10, -Between(random, 3, 40) / 20);
        System.Numerics.Tensors.TensorPrimitives.MultiplyAdd(noise, gain, sound, sound);
    }
}
