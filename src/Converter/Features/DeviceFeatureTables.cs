using TinyInference.Converter.Emission;
using TinyInference.Converter.Lowering;

namespace TinyInference.Converter.Features;

using TinyInference.Converter.Graphs;

/// <summary>
/// The tables that the runtime's integer-only feature extraction works with, as docs/SPEC.md lays them out: what <see cref="FeatureExtractor"/> computes in
/// double precision, in 16 bits.
/// </summary>
internal static class DeviceFeatureTables
{
    private const int Mfcc = 1;
    private const int LogMel = 2;
    private const int ShortestFft = 32;
    private const int LongestFft = 1024;
    private const int MostBands = 128;

    /// <summary>Fraction bits of the logarithms, and of the rows of the cosine transform.</summary>
    private const int LogBits = 10;
    private const int CosineBits = 12;
    private const int GainBits = 16;
    private const double LogOffset = 1e-6;

    /// <summary>The resource for a quantized network whose metadata say that it takes features of sound; none where it does not, or the device can't compute them.</summary>
    /// <exception cref="InputException">The metadata are not as docs/SPEC.md has them.</exception>
    public static IReadOnlyList<BlobResource> For(Graph graph)
    {
        if (graph.Inputs.Count != 1 || !graph.Metadata.TryGetValue(MetadataKeys.InputPreparation, out string? text)
            || graph.Inputs[0] is not { Quantization: { IsPerTensor: true } quantization, Shape: { } shape })
        {
            return [];
        }

        InputPreparation preparation = InputPreparation.Parse(text);
        if (preparation is not { Features: { } settings, Offset: 0, Scale: > 0 } || shape.ElementCount % settings.Width != 0)
        {
            return [];
        }

        settings = settings with { Frames = shape.ElementCount / settings.Width };
        return IsPossible(settings)
            ? [new BlobResource(Resource.Features, Create(settings, quantization.Scales[0] / preparation.Scale, quantization.ZeroPoints[0]))]
            : [];
    }

    /// <summary>Whether the integers of the runtime are wide enough for these settings.</summary>
    public static bool IsPossible(FeatureSettings settings) => settings.FftLength is >= ShortestFft and <= LongestFft && settings.MelBands <= MostBands;

    /// <param name="scale">feature = scale * (int8 - <paramref name="zeroPoint"/>).</param>
    public static byte[] Create(FeatureSettings settings, double scale, int zeroPoint)
    {
        bool cosine = settings.Kind == FeatureKind.Mfcc;
        int bands = settings.MelBands;
        int fft = settings.FftLength;
        var mel = new MelFilterbank(bands, (fft / 2) + 1, settings.SampleRate, FeatureSettings.LowerHertz, FeatureSettings.UpperHertz);
        (short[] ends, short[] rises) = mel.Segments();

        // Room for the sum of a whole window of the loudest samples, twice over, in 31 bits.
        int log2 = System.Numerics.BitOperations.Log2((uint)fft);
        int inputShift = log2;
        int inputBits = 15 - inputShift;
        double gain = cosine ? Math.Sqrt(2.0 * bands) : 1;

        // No logarithm is above that of 2^33; the first coefficient is the largest.
        int fraction = 14 - System.Numerics.BitOperations.Log2((uint)(gain * 33 * Math.Log(2)));
        double unit = gain * Math.Pow(2, fraction + GainBits);
        (int multiplier, int shift) = Multiplier(1 / (scale * (1 << fraction)));

        var bytes = new TableBytes();
        foreach (int value in new[]
        {
            cosine ? Mfcc : LogMel, settings.SampleRate, settings.WindowSamples, settings.StepSamples, fft, rises.Length - 1, bands, settings.Width, settings.Frames,
            inputShift, (cosine ? LogBits + CosineBits : LogBits + 15) - fraction, fraction,
        })
        {
            bytes.Add16(value);
        }

        bytes.Add32((int)Math.Round(unit * Math.Log(2) / (1 << LogBits)));
        bytes.Add32((int)Math.Round(unit * Math.Log(2 << inputBits)));
        bytes.Add32((int)Math.Round(gain * Math.Log(LogOffset) * (1 << fraction)));
        bytes.Add32(multiplier);
        bytes.Add16(shift);
        bytes.Add16(zeroPoint);
        bytes.AddTable((settings.WindowSamples / 2) + 1, HannWindow.Create(settings.WindowSamples), 1 << 15);
        bytes.AddTable(fft, i => (i & 1) == 0 ? Math.Cos(Math.PI * i / fft) : Math.Sin(Math.PI * (i - 1) / fft), 1 << 15);
        bytes.AddTable(257, i => Math.Sqrt(1 + Math.Pow((i + 0.5) / 256, 2)), 1 << 14);
        bytes.AddTable(256, i => Math.Log2(1 + ((i + 0.5) / 256)), 1 << LogBits);
        foreach (short value in ends.Concat(rises))
        {
            bytes.Add16(value);
        }

        int half = (bands + 1) / 2;
        bytes.AddTable(
            cosine ? settings.Width * half : 0,
            i => Math.Sqrt(2.0 / bands) * Math.Cos(Math.PI * (i / half) * ((i % half) + 0.5) / bands) * Math.Log(2),
            1 << CosineBits);
        return bytes.ToArray();
    }

    /// <summary>value = multiplier / 2^shift, the multiplier having 31 bits.</summary>
    private static (int Multiplier, int Shift) Multiplier(double value)
    {
        int shift = 30 - (int)Math.Floor(Math.Log2(value));
        shift = Math.Clamp(shift, 1, 62);
        return ((int)Math.Min(Math.Round(value * Math.Pow(2, shift)), int.MaxValue), shift);
    }

    private sealed class TableBytes
    {
        private readonly List<byte> _bytes = [];

        /// <summary>The low 16 bits.</summary>
        public void Add16(int value)
        {
            _bytes.Add((byte)value);
            _bytes.Add((byte)(value >> 8));
        }

        public void Add32(int value)
        {
            Add16(value);
            Add16(value >> 16);
        }

        public void AddTable(int length, Func<int, double> at, int one)
        {
            for (int i = 0; i < length; i++)
            {
                Add16((int)Math.Clamp(Math.Round(at(i) * one), short.MinValue, short.MaxValue));
            }
        }

        public void AddTable(int length, double[] values, int one) => AddTable(length, i => values[i], one);

        public byte[] ToArray() => [.. _bytes];
    }
}
