using System.Runtime.InteropServices;
using TinyInference.Converter;
using TinyInference.Converter.Data;
using TinyInference.Converter.Features;
using static Converter.Tests.Data.TemporaryFiles;

namespace Converter.Tests.Data;

/// <summary>Every form of data set but CSV, from files that the test makes.</summary>
[TestClass]
public sealed class DatasetLoaderTest : IDisposable
{
    private readonly TemporaryFiles _files = new();

    public void Dispose() => _files.Dispose();

    [TestMethod]
    public void Idx_finds_its_labels_beside_it()
    {
        string path = _files.Write("t-images-idx3-ubyte.gz", Gzip(Idx([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 255])));
        _files.Write("t-labels-idx1-ubyte", Idx([2], [3, 0]));
        Dataset dataset = Load(path);
        Assert.AreEqual("2x2x1", dataset.SampleShape.ToString());
        Assert.AreEqual(DataKind.Pixels, dataset.Kind);
        CollectionAssert.AreEqual(new[] { 3, 0 }, dataset.Labels);
        CollectionAssert.AreEqual(new[] { 5f, 6f, 7f, 255f }, Sample(dataset, 1));
        Assert.AreEqual(1, Load(path, new DatasetOptions { Limit = 1 }).Count);
    }

    [TestMethod]
    public void Idx_without_matching_labels_is_an_error_with_both_numbers()
    {
        string path = _files.Write("a.bin", Idx([2, 1, 1], [1, 2]));
        string labels = _files.Write("b", Idx([3], [1, 2, 3]));
        Fails(path, new DatasetOptions { LabelsPath = labels }, "2 samples", "3 labels");
        Fails(path, new DatasetOptions { LabelsPath = _files.Write("c", Idx([2], [1, 9])), ClassNames = ["a", "b"] }, "\"9\"", "sample 1");
        Fails(labels, DatasetOptions.Default, "holds labels");
        Fails(_files.Write("x-idx3", Idx([3, 1, 1], [1, 2])), DatasetOptions.Default, "truncated");
        Fails(_files.Write("y-idx3", Idx([0, 1, 1], [])), DatasetOptions.Default, "empty");
    }

    [TestMethod]
    public void Cifar_planes_become_pixels_of_three_channels()
    {
        var record = new byte[2 * 3073];
        record[0] = 9;
        record[1 + 33] = 10;
        record[1 + 1024 + 33] = 20;
        record[1 + 2048 + 33] = 30;
        record[3073] = 2;
        Dataset dataset = Load(_files.Write("data.bin", record));
        Assert.AreEqual("32x32x3", dataset.SampleShape.ToString());
        CollectionAssert.AreEqual(new[] { 9, 2 }, dataset.Labels);
        Assert.AreEqual("truck", dataset.ClassNames![9]);
        CollectionAssert.AreEqual(new[] { 10f, 20f, 30f }, Sample(dataset, 0)[(33 * 3)..(34 * 3)]);
    }

    [TestMethod]
    [DataRow("<i2", new byte[] { 1, 0, 255, 255, 0, 1, 3, 0 }, new[] { 1f, -1f, 256f, 3f })]
    [DataRow(">i2", new byte[] { 0, 1, 255, 255, 1, 0, 0, 3 }, new[] { 1f, -1f, 256f, 3f })]
    [DataRow("|u1", new byte[] { 1, 2, 3, 200 }, new[] { 1f, 2f, 3f, 200f })]
    [DataRow("|i1", new byte[] { 1, 2, 3, 200 }, new[] { 1f, 2f, 3f, -56f })]
    [DataRow("|b1", new byte[] { 1, 0, 0, 1 }, new[] { 1f, 0f, 0f, 1f })]
    [DataRow("<u2", new byte[] { 1, 0, 255, 255, 0, 1, 3, 0 }, new[] { 1f, 65535f, 256f, 3f })]
    public void Npy_elements_are_read_as_their_type_says(string descr, byte[] bytes, float[] expected)
    {
        Dataset dataset = Load(_files.Write("a.npy", Npy(descr, "2, 2", bytes)));
        Assert.AreEqual(2, dataset.Count);
        CollectionAssert.AreEqual(expected, Sample(dataset, 0).Concat(Sample(dataset, 1)).ToArray());
    }

    [TestMethod]
    public void Npy_of_wide_types_versions_and_fortran_order()
    {
        byte[] doubles = MemoryMarshal.AsBytes<double>([1.5, 2.5]).ToArray();
        byte[] longs = MemoryMarshal.AsBytes<long>([-7, 8]).ToArray();
        byte[] floats = Floats(1, 2, 3, 4, 5, 6);
        CollectionAssert.AreEqual(new[] { 2.5f }, Sample(Load(_files.Write("a.npy", Npy("<f8", "2, 1", doubles, version: 2))), 1));
        CollectionAssert.AreEqual(new[] { -7f }, Sample(Load(_files.Write("b.npy", Npy("<i8", "2,", longs, version: 3))), 0));

        // In Fortran order the first index runs fastest: columns (1 2), (3 4), (5 6) of a matrix of 2 rows.
        Dataset dataset = Load(_files.Write("c.npy", Npy("<f4", "2, 3", floats, fortran: true)));
        CollectionAssert.AreEqual(new[] { 1f, 3f, 5f }, Sample(dataset, 0));
        CollectionAssert.AreEqual(new[] { 2f, 4f, 6f }, Sample(dataset, 1));

        // As many elements as the model takes are one sample, whatever the shape.
        Assert.AreEqual(1, Load(_files.Write("d.npy", Npy("<f4", "2, 3", floats)), new DatasetOptions { ExpectedElements = 6 }).Count);
        Assert.AreEqual(2, Load(_files.Write("d.npy", Npy("<f4", "2, 3", floats)), new DatasetOptions { ExpectedElements = 3 }).Count);
    }

    [TestMethod]
    public void Npy_that_cannot_be_used_says_why()
    {
        Fails(_files.Write("a.npy", Npy("<c8", "1", new byte[8])), DatasetOptions.Default, "<c8");
        Fails(_files.Write("b.npy", Npy("<f4", "3, 3", new byte[8])), DatasetOptions.Default, "truncated");
        Fails(_files.Write("c.npy", Npy("<f4", "0, 3", [])), DatasetOptions.Default, "empty");
        Fails(_files.Write("d.npy", Npy("<f4", "2, 1", Floats(1, float.NaN))), DatasetOptions.Default, "sample 1", "NaN");
        Fails(_files.Write("e.npy", Npy("<f4", "2, 3", Floats(1, 2, 3, 4, 5, 6))), new DatasetOptions { ExpectedElements = 4 }, "3 numbers", "takes 4");
    }

    [TestMethod]
    public void Npz_labels_may_be_integers_one_hot_or_targets()
    {
        byte[] data = Npy("<f4", "3, 2", Floats(1, 2, 3, 4, 5, 6));
        byte[] labels = Npy("<f4", "3,", Floats(0, 2, 1));
        byte[] oneHot = Npy("<f4", "3, 2", Floats(0, 1, 1, 0, 0, 1));
        byte[] targets = Npy("<f4", "3,", Floats(0.5f, 2, 1));
        byte[] wrong = Npy("<f4", "4,", Floats(0, 2, 1, 0));
        CollectionAssert.AreEqual(new[] { 0, 2, 1 }, Load(_files.Write("a.npz", Zip(("y_x.npy", labels), ("x.npy", data)))).Labels);
        CollectionAssert.AreEqual(new[] { 0, 2, 1 }, Load(_files.Write("b.npz", Zip(("x.npy", data), ("other.npy", labels)))).Labels);
        CollectionAssert.AreEqual(new[] { 1, 0, 1 }, Load(_files.Write("c.npz", Zip(("x.npy", data), ("y.npy", oneHot)))).Labels);
        string regression = _files.Write("d.npz", Zip(("x.npy", data), ("y.npy", targets)));
        CollectionAssert.AreEqual(new[] { 0.5f, 2f, 1f }, Load(regression, new DatasetOptions { Regression = true }).Targets);
        Fails(regression, DatasetOptions.Default, "no class", "regression");
        Fails(_files.Write("e.npz", Zip(("x.npy", data), ("y.npy", wrong))), DatasetOptions.Default, "3 samples", "has 4");
    }

    [TestMethod]
    public void Raw_bytes_are_int8_samples_of_the_models_size()
    {
        string path = _files.Write("a.bin", [1, 255, 2, 128]);
        var options = new DatasetOptions { ExpectedElements = 2, LabelsPath = _files.Write("labels.txt", "no\nyes\n") };
        Dataset dataset = Load(path, options);
        Assert.AreEqual(DataKind.RawInt8, dataset.Kind);
        CollectionAssert.AreEqual(new[] { 2f, -128f }, Sample(dataset, 1));
        CollectionAssert.AreEqual(new[] { "no", "yes" }, dataset.ClassNames!.ToArray());
        CollectionAssert.AreEqual(new[] { 2f, 128f }, Sample(Load(path, options with { RawType = RawType.UInt8 }), 1));
        Fails(path, new DatasetOptions { ExpectedElements = 3 }, "4 bytes", "3 bytes");
        Fails(path, DatasetOptions.Default, "not recognised");
        string floats = _files.Write("f.bin", Floats(1.5f, -2));
        CollectionAssert.AreEqual(new[] { 1.5f, -2f }, Sample(Load(floats, new DatasetOptions { ExpectedElements = 2, RawType = RawType.Float32 }), 0));
    }

    [TestMethod]
    [DataRow("7\n3\n", new[] { 1, 0 })]
    [DataRow("0\n3\n", new[] { 0, 3 })]
    [DataRow("a.bin, 12, 7\nb.bin, 12, 0\n", new[] { 7, 0 })]
    [DataRow("b\r\na\r\n", new[] { 1, 0 })]
    [DataRow("\u0001\u0000", new[] { 1, 0 })]
    public void Labels_come_in_many_forms(string text, int[] expected)
    {
        var options = new DatasetOptions { ExpectedElements = 2, LabelsPath = _files.Write("labels", text) };
        CollectionAssert.AreEqual(expected, Load(_files.Write("a.bin", [1, 2, 3, 4]), options).Labels);
    }

    [TestMethod]
    public void Labels_that_do_not_fit_say_so()
    {
        string path = _files.Write("a.bin", [1, 2, 3, 4]);
        var options = new DatasetOptions { ExpectedElements = 2 };
        Fails(path, options with { LabelsPath = _files.Write("l1", "1\n") }, "2 samples", "1 labels");
        Fails(path, options with { LabelsPath = _files.Write("l2", "a,b,c,d\n") }, "4 fields");
        Fails(path, options with { LabelsPath = _files.Write("l3", "f,2,1\ng,2,0\nh,2,9\n"), Limit = 2 }, "3 labels");
        Fails(path, options with { LabelsPath = _files.Write("l4", "f,2,2\ng,2,0\n") }, "label 2", "2 classes");
        Fails(path, options with { LabelsPath = _files.Write("l5", "") }, "empty");
        Fails(path, options with { LabelsPath = Path.Combine(_files.Folder, "absent") }, "absent");
    }

    [TestMethod]
    public void Folders_name_classes()
    {
        _files.Write("set/yes/1.wav", Wav(16000, new short[32]));
        _files.Write("set/no/2.wav", Wav(16000, [16384, 0, -32768]));
        _files.Write("set/_background_noise_/3.wav", Wav(16000, new short[900]));
        Dataset dataset = Load(Path.Combine(_files.Folder, "set"));
        CollectionAssert.AreEqual(new[] { "no", "yes" }, dataset.ClassNames!.ToArray());
        CollectionAssert.AreEqual(new[] { 0, 1 }, dataset.Labels);
        Assert.AreEqual("32", dataset.SampleShape.ToString());
        CollectionAssert.AreEqual(new[] { 0.5f, 0f, -1f, 0f }, Sample(dataset, 0)[..4]);
        Dataset features = Load(Path.Combine(_files.Folder, "set"), new DatasetOptions { Features = new FeatureSettings(), ExpectedElements = 30 });
        Assert.AreEqual("3x10", features.SampleShape.ToString());
    }

    [TestMethod]
    public void Names_name_classes()
    {
        byte[] sample = [1, 2];
        Dataset numbered = Load(_files.Write("a.zip", Zip(("t_1_Go_1.bin", sample), ("t_2_No_3.bin", sample), ("__MACOSX/t_2_No_3.bin", sample))));
        CollectionAssert.AreEqual(new[] { 1, 3 }, numbered.Labels);
        CollectionAssert.AreEqual(new[] { "class 0", "Go", "class 2", "No" }, numbered.ClassNames!.ToArray());
        Dataset leading = Load(_files.Write("b.zip", Zip(("0_a_1.bin", sample), ("7_b_1.bin", sample))));
        CollectionAssert.AreEqual(new[] { 0, 7 }, leading.Labels);
        Assert.IsNull(Load(_files.Write("c.zip", Zip(("x.bin", sample), ("y.bin", sample)))).Labels);
    }

    [TestMethod]
    public void Labels_in_the_archive_are_matched_without_the_extension()
    {
        byte[] sample = Wav(8000, new short[4]);
        Dataset dataset = Load(_files.Write("a.zip", Zip(("x.wav", sample), ("y.wav", sample), ("y_labels.csv", "y.bin, 3, 2\nx.bin, 3, 1\n"u8.ToArray()))));
        CollectionAssert.AreEqual(new[] { 1, 2 }, dataset.Labels);
        Assert.AreEqual(3, dataset.ClassCount);
        Fails(_files.Write("b.zip", Zip(("x.wav", sample), ("y_labels.csv", "z.bin, 3, 2\n"u8.ToArray()))), DatasetOptions.Default, "\"x\"");
        Fails(_files.Write("c.zip", Zip(("x.wav", sample), ("y_labels.csv", "x.bin, 3, 5\n"u8.ToArray()))), DatasetOptions.Default, "\"5\"");
    }

    [TestMethod]
    public void A_limit_takes_samples_of_all_classes_where_files_are_sorted_by_class()
    {
        (string, byte[])[] entries = [.. Enumerable.Range(0, 20).Select(i => ($"{i / 10}_{i}.bin", new byte[] { 1 }))];
        Dataset dataset = Load(_files.Write("a.zip", Zip(entries)), new DatasetOptions { Limit = 4 });
        CollectionAssert.AreEqual(new[] { 0, 0, 1, 1 }, dataset.Labels);
    }

    [TestMethod]
    public void Samples_of_unlike_size_or_rate_are_errors()
    {
        Fails(_files.Write("a.zip", Zip(("x.bin", [1, 2]), ("y.bin", [1]))), DatasetOptions.Default, "y.bin", "1 bytes");
        var features = new DatasetOptions { Features = new FeatureSettings() };
        Fails(_files.Write("b.wav", Wav(8000, new short[100])), features, "8000", "16000");
        Fails(_files.Write("c.zip", Zip(("readme.txt", [65]))), DatasetOptions.Default, "no samples");
        Fails(_files.Write("d.zip", Zip()), DatasetOptions.Default, "no samples");
        Fails(_files.Write("e", ""), DatasetOptions.Default, "empty");
        Fails(Path.Combine(_files.Folder, "nothing"), DatasetOptions.Default, "no such file");
    }

    [TestMethod]
    public void A_gzip_file_that_ends_early_is_refused()
    {
        byte[] packed = Gzip([.. Enumerable.Range(0, 3000).SelectMany(i => System.Text.Encoding.ASCII.GetBytes($"{i},{i % 7},{i % 2}\n"))]);
        Assert.AreEqual(3000, Load(_files.Write("a.csv.gz", packed)).Count);
        for (int cut = 1; cut < packed.Length; cut += 997)
        {
            Fails(_files.Write("a.csv.gz", packed[..^cut]), DatasetOptions.Default, "a.csv.gz");
        }
    }

    [TestMethod]
    public void An_entry_longer_than_declared_is_refused()
    {
        byte[] zip = Zip(("x.bin", new byte[100_000]));
        int directory = zip.AsSpan().LastIndexOf("PK\u0001\u0002"u8);
        BitConverter.GetBytes(10).CopyTo(zip, directory + 24);
        Fails(_files.Write("bomb.zip", zip), DatasetOptions.Default, "x.bin");
        BitConverter.GetBytes(int.MaxValue).CopyTo(zip, directory + 24);
        Fails(_files.Write("bomb.zip", zip), DatasetOptions.Default, "x.bin");
    }

    private static Dataset Load(string path, DatasetOptions? options = null) => DatasetLoader.Load(path, options ?? DatasetOptions.Default);

    private static float[] Sample(Dataset dataset, int index)
    {
        var values = new float[dataset.SampleShape.ElementCount];
        dataset.Read(index, values);
        return values;
    }

    private static void Fails(string path, DatasetOptions options, params string[] parts)
    {
        InputException e = Assert.ThrowsExactly<InputException>(() => DatasetLoader.Load(path, options));
        foreach (string part in parts)
        {
            Assert.Contains(part, e.Message);
        }
    }
}
