using System.Numerics;
using TinyInference.Converter.Features;

namespace Converter.Tests.Features;

/// <summary>Each step of feature extraction against its definition.</summary>
[TestClass]
public class FeatureExtractorTest
{
    [TestMethod]
    [DataRow(2)]
    [DataRow(4)]
    [DataRow(64)]
    [DataRow(512)]
    public void Fft_equals_the_sum_of_its_definition(int length)
    {
        var random = new Random(length);
        double[] samples = [.. Enumerable.Range(0, length).Select(_ => random.NextDouble() - 0.5)];
        var fft = new RealFft(length);
        var magnitudes = new double[fft.Bins];
        fft.Magnitudes(samples, new Complex[length / 2], magnitudes);
        for (int k = 0; k < fft.Bins; k++)
        {
            Complex sum = Complex.Zero;
            for (int n = 0; n < length; n++)
            {
                sum += samples[n] * Complex.FromPolarCoordinates(1, -2 * Math.PI * k * n / length);
            }

            Assert.AreEqual(sum.Magnitude, magnitudes[k], 1e-10, $"bin {k}");
        }
    }

    [TestMethod]
    public void Hann_window_is_periodic()
    {
        double[] window = HannWindow.Create(480);
        Assert.AreEqual(0, window[0], 1e-15);
        Assert.AreEqual(1, window[240], 1e-15);
        Assert.AreEqual(window[1], window[479], 1e-12);
    }

    [TestMethod]
    public void Mel_bands_overlap_so_that_weights_add_up_to_one_between_the_outer_centers()
    {
        const int bins = 257;
        var filterbank = new MelFilterbank(10, bins, 16000, 20, 4000);
        var mel = new double[10];
        for (int bin = 0; bin < bins; bin++)
        {
            var spectrum = new double[bins];
            spectrum[bin] = 1;
            filterbank.Apply(spectrum, mel);
            double hertz = bin * 31.25;
            if (hertz is > 300 and < 3000)
            {
                Assert.AreEqual(1, mel.Sum(), 1e-9, $"{hertz} Hz");
            }
            else if (hertz is 0 or >= 4000)
            {
                Assert.AreEqual(0, mel.Sum(), $"{hertz} Hz");
            }
        }
    }

    [TestMethod]
    public void Cosine_transform_of_a_constant_has_only_the_first_value()
    {
        double[] input = [.. Enumerable.Repeat(3.0, 40)];
        var output = new float[10];
        new CosineTransform(40, 10).Apply(input, output);
        Assert.AreEqual(3 * 40 * Math.Sqrt(2.0 / 40), output[0], 1e-4);
        Assert.IsTrue(output.Skip(1).All(value => Math.Abs(value) < 1e-5));
    }

    [TestMethod]
    public void A_tone_is_loudest_in_its_band_whatever_its_volume()
    {
        var settings = new FeatureSettings { Kind = FeatureKind.LogMel };
        float[] loud = Extract(settings, Tone(20000));
        float[] quiet = Extract(settings, Tone(2000));
        Assert.HasCount(49 * 40, loud);
        int strongest = Array.IndexOf(loud, loud[..40].Max());

        // 1000 Hz is at mel 1000; bands are 51.6 mel apart from 31.7 on.
        Assert.AreEqual(18, strongest, 1);
        for (int frame = 0; frame < 49; frame++)
        {
            Assert.AreEqual(loud[(frame * 40) + strongest], quiet[(frame * 40) + strongest], 0.01f);
        }
    }

    [TestMethod]
    public void Silence_and_short_clips_give_finite_features()
    {
        var settings = new FeatureSettings();
        float[] nothing = Extract(settings, []);
        CollectionAssert.AreEqual(nothing, Extract(settings, new short[16000]));
        Assert.IsTrue(Array.TrueForAll(nothing, float.IsFinite));
        Assert.AreEqual(Math.Log(1e-6) * Math.Sqrt(80), nothing[0], 1e-3);
        Assert.IsTrue(Array.TrueForAll(Extract(settings, [-5, -32768]), float.IsFinite));
        Assert.IsTrue(Array.TrueForAll(Extract(settings, Tone(30000)[..700]), float.IsFinite));
    }

    private static short[] Tone(double amplitude) =>
        [.. Enumerable.Range(0, 16000).Select(n => (short)(amplitude * Math.Sin(2 * Math.PI * 1000 * n / 16000)))];

    private static float[] Extract(FeatureSettings settings, short[] clip)
    {
        var features = new float[settings.Frames * settings.Width];
        new FeatureExtractor(settings).Extract(clip, features);
        return features;
    }
}
