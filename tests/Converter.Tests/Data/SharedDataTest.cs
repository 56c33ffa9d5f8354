using TinyInference.Converter.Data;
using TinyInference.Converter.Features;

namespace Converter.Tests.Data;

/// <summary>The development data load as what they are.</summary>
[TestClass]
public class SharedDataTest
{
    [TestMethod]
    [DataRow("mnist/test5k-images-idx3-ubyte.gz", 5000, "28x28x1", 10)]
    [DataRow("mnist/train10k-images-idx3-ubyte.gz", 10000, "28x28x1", 10)]
    [DataRow("asl-letters/test-images-idx3-ubyte.gz", 0, "48x48x1", 27)]
    [DataRow("asl-letters/train-images-idx3-ubyte.gz", 0, "48x48x1", 27)]
    [DataRow("cifar10/test-500.bin.gz", 500, "32x32x3", 10)]
    [DataRow("cifar10/train-3000.bin.gz", 3000, "32x32x3", 10)]
    [DataRow("kws01-mfcc/kws01-mfcc-500.zip", 500, "490", 12)]
    [DataRow("speech-commands/speech-commands-500-wav16k.zip", 500, "16000", 12)]
    [DataRow("tflm-yesno", 6, "16000", 4)]
    [DataRow("mlperf-sww/calibration_samples.npz", 0, "30x1x40", 3)]
    [DataRow("mlperf-sww/marvin_617de221_0.wav", 1, "16000", 0)]
    [DataRow("wall-following-24/wall-24.csv.gz", 0, "24", 4)]
    [DataRow("wifi-localization/wifi.tsv", 1400, "7", 4)]
    [DataRow("occupancy/train.csv.gz", 0, "5", 2)]
    [DataRow("occupancy/test.csv.gz", 0, "5", 2)]
    public void Development_data_load(string path, int count, string shape, int classes)
    {
        Dataset dataset = DatasetLoader.Load(SharedFiles.Path("data/" + path), DatasetOptions.Default);
        Console.WriteLine($"{path}: {dataset.Count} of {dataset.SampleShape} {dataset.Kind}; {string.Join(' ', dataset.ClassNames ?? [])}; {string.Join('\n', dataset.Notices)}");
        Assert.AreEqual(shape, dataset.SampleShape.ToString());
        Assert.AreEqual(classes, dataset.ClassCount);
        Assert.IsTrue(count == 0 ? dataset.Count > 10 : dataset.Count == count, $"{dataset.Count} samples");
    }

    [TestMethod]
    public void Intrusion_data_load_with_words_one_hot()
    {
        var options = new DatasetOptions { LabelColumn = "41", IgnoreColumns = ["42"] };
        Dataset dataset = DatasetLoader.Load(SharedFiles.Path("data/nsl-kdd/train20.txt.gz"), options);
        Assert.AreEqual(25192, dataset.Count);
        Assert.Contains("normal", dataset.ClassNames!);
        Assert.Contains("1=tcp", dataset.FeatureNames!);
        var sample = new float[dataset.SampleShape.ElementCount];
        dataset.Read(0, sample);
        Assert.AreEqual(1f, sample[dataset.FeatureNames!.ToList().IndexOf("1=tcp")]);
        Assert.AreEqual(0f, sample[dataset.FeatureNames!.ToList().IndexOf("1=udp")]);
    }

    [TestMethod]
    public void Spoken_digits_become_features_at_8_kHz()
    {
        var options = new DatasetOptions { Features = new FeatureSettings { SampleRate = 8000 }, Limit = 100 };
        Dataset dataset = DatasetLoader.Load(SharedFiles.Path("data/fsdd/fsdd-4speakers-wav8k.zip"), options);
        Assert.AreEqual("49x10", dataset.SampleShape.ToString());
        Assert.AreEqual(10, dataset.ClassCount);
        Assert.AreEqual(10, dataset.Labels!.Distinct().Count());
    }

    [TestMethod]
    public void Keyword_labels_have_the_names_of_the_benchmark()
    {
        Dataset dataset = DatasetLoader.Load(SharedFiles.Path("data/kws01-mfcc/kws01-mfcc-500.zip"), DatasetOptions.Default);
        CollectionAssert.AreEqual(
            new[] { "Down", "Go", "Left", "No", "Off", "On", "Right", "Stop", "Up", "Yes", "Silence", "Unknown" },
            dataset.ClassNames!.ToArray());
        CollectionAssert.AreEqual(new[] { 7, 6, 5, 8, 4, 11, 1 }, dataset.Labels![..7]);
        Assert.AreEqual(DataKind.RawInt8, dataset.Kind);
    }

    [TestMethod]
    public void Images_cost_no_more_memory_than_their_bytes()
    {
        string path = SharedFiles.Path("data/cifar10/train-3000.bin.gz");
        long before = GC.GetTotalMemory(forceFullCollection: true);
        Dataset dataset = DatasetLoader.Load(path, DatasetOptions.Default);
        long bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        Console.WriteLine($"{bytes} bytes for {dataset.Count} images");

        // Other test classes run at the same time, hence the room.
        Assert.IsLessThan(40_000_000, bytes);
        GC.KeepAlive(dataset);
    }

    [TestMethod]
    public void Features_are_those_of_the_benchmark()
    {
        string soundPath = SharedFiles.Path("data/speech-commands/speech-commands-500-wav16k.zip");
        Dataset expected = DatasetLoader.Load(SharedFiles.Path("data/kws01-mfcc/kws01-mfcc-500.zip"), DatasetOptions.Default);
        Dataset sound = DatasetLoader.Load(soundPath, new DatasetOptions { Features = new FeatureSettings(), ExpectedElements = 490 });
        CollectionAssert.AreEqual(expected.Labels, sound.Labels);
        var q = new float[490];
        var real = new float[490];
        var shares = new int[3];
        for (int i = 0; i < expected.Count; i++)
        {
            expected.Read(i, q);
            sound.Read(i, real);
            for (int j = 0; j < q.Length; j++)
            {
                // The benchmark's script truncates (numpy's conversion to int8), it does not round.
                int computed = (int)((real[j] / 0.5847029089927673) + 83);
                shares[Math.Min(2, Math.Abs(computed - (int)q[j]))]++;
            }
        }

        double total = shares.Sum();
        Console.WriteLine($"equal {shares[0] / total:P3}, one step {shares[1] / total:P3}, more {shares[2] / total:P3} of {total}");
        Assert.IsGreaterThanOrEqualTo(0.99, (shares[0] + shares[1]) / total);
    }
}
