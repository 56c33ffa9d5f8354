using TinyInference.Converter;
using TinyInference.Converter.Data;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Training;

namespace Converter.Tests.Training;

[TestClass]
public class AugmentationTest
{
    [TestMethod]
    public void A_shift_repeats_the_edge()
    {
        var seen = new HashSet<string>();
        Augmentation shift = Augmentation.Parse("shift=1", new Shape(1, 3), DataKind.Pixels);
        for (int seed = 0; seed < 40; seed++)
        {
            float[] row = [1, 2, 3];
            shift.Apply(row, seed);
            seen.Add(string.Join(' ', row));
        }

        CollectionAssert.AreEquivalent(new[] { "1 2 3", "1 1 2", "2 3 3" }, seen.ToArray());
    }

    [TestMethod]
    public void A_flip_mirrors_columns_and_keeps_channels()
    {
        var seen = new HashSet<string>();
        Augmentation flip = Augmentation.Parse("flip", new Shape(2, 2, 2), DataKind.Pixels);
        for (int seed = 0; seed < 20; seed++)
        {
            float[] image = [1, 2, 3, 4, 5, 6, 7, 8];
            flip.Apply(image, seed);
            seen.Add(string.Join(' ', image));
        }

        CollectionAssert.AreEquivalent(new[] { "1 2 3 4 5 6 7 8", "3 4 1 2 7 8 5 6" }, seen.ToArray());
    }

    [TestMethod]
    public void Noise_has_the_stated_deviation_and_the_same_seed_gives_the_same()
    {
        Augmentation noise = Augmentation.Parse("noise=2", new Shape(100, 100, 1), DataKind.Pixels);
        float[] a = new float[10_000];
        float[] b = new float[10_000];
        noise.Apply(a, 7);
        noise.Apply(b, 7);
        CollectionAssert.AreEqual(a, b);
        Assert.AreEqual(2, Math.Sqrt(a.Average(x => (double)x * x)), 0.1);
    }

    [TestMethod]
    public void Masks_hide_whole_frames_or_bands()
    {
        Augmentation masks = Augmentation.Parse("time-mask=2,band-mask=1", new Shape(4, 3, 1), DataKind.Features);
        for (int seed = 0; seed < 20; seed++)
        {
            float[] features = [.. Enumerable.Range(1, 12).Select(i => (float)i)];
            float[] old = [.. features];
            masks.Apply(features, seed);
            int hiddenRows = Enumerable.Range(0, 4).Count(r => Enumerable.Range(0, 3).All(c => features[(3 * r) + c] != old[(3 * r) + c]));
            Assert.IsTrue(hiddenRows <= 2);
        }
    }

    [TestMethod]
    public void Cutout_hides_a_square_at_most()
    {
        Augmentation cutout = Augmentation.Parse("cutout=3", new Shape(6, 5, 2), DataKind.Pixels);
        for (int seed = 0; seed < 30; seed++)
        {
            float[] image = [.. Enumerable.Range(1, 60).Select(i => (float)(i * i))];
            float[] old = [.. image];
            cutout.Apply(image, seed);
            int[] changed = [.. Enumerable.Range(0, 30).Where(p => image[2 * p] != old[2 * p] || image[(2 * p) + 1] != old[(2 * p) + 1])];
            Assert.IsTrue(changed.Length is >= 1 and <= 9);
            Assert.IsTrue(changed.Max(p => p % 5) - changed.Min(p => p % 5) <= 2 && changed.Max(p => p / 5) - changed.Min(p => p / 5) <= 2);
        }
    }

    [TestMethod]
    [DataRow("cutout=9", "cutout=9")]
    [DataRow("shift=99", "shift=99")]
    [DataRow("shift", "shift")]
    [DataRow("flip=2", "flip=2")]
    [DataRow("rotate=4", "not known")]
    [DataRow("noise=-1", "noise=-1")]
    [DataRow("time-mask=2", "for features of sound")]
    public void What_cannot_be_is_refused(string text, string message)
    {
        InputException error = Assert.ThrowsExactly<InputException>(() => Augmentation.Parse(text, new Shape(8, 8, 1), DataKind.Pixels));
        StringAssert.Contains(error.Message, message);
    }
}
