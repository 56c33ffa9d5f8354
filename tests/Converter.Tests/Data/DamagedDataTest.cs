using TinyInference.Converter;
using TinyInference.Converter.Data;
using TinyInference.Converter.Features;
using static Converter.Tests.Data.TemporaryFiles;

namespace Converter.Tests.Data;

/// <summary>Truncated and flipped files of every format load or are refused by <see cref="InputException"/>, nothing else.</summary>
[TestClass]
public sealed class DamagedDataTest : IDisposable
{
    private readonly TemporaryFiles _files = new();

    public void Dispose() => _files.Dispose();

    [TestMethod]
    public void Idx() => Damage("a-idx3", TemporaryFiles.Idx([3, 2, 2], new byte[12]));

    [TestMethod]
    public void Idx_packed() => Damage("a-idx3.gz", Gzip(TemporaryFiles.Idx([3, 2, 2], new byte[12])));

    [TestMethod]
    public void Npy() => Damage("a.npy", TemporaryFiles.Npy("<f4", "2, 3", Floats(1, 2, 3, 4, 5, 6)));

    [TestMethod]
    public void Npy_in_fortran_order() => Damage("a.npy", TemporaryFiles.Npy(">f8", "2, 3", new byte[48], fortran: true, version: 2));

    [TestMethod]
    public void Npz() => Damage(
        "a.npz",
        Zip(("x.npy", TemporaryFiles.Npy("<f4", "2, 3", Floats(1, 2, 3, 4, 5, 6))), ("y.npy", TemporaryFiles.Npy("<i2", "2,", [1, 0, 0, 0]))));

    [TestMethod]
    public void Csv() => Damage("a.csv", "\"a\",b,kind\n1,tcp,\"x\"\n-3.5e2,udp,y\n2015-02-03,\"u\"\"d\",y\n"u8.ToArray());

    [TestMethod]
    public void Cifar() => Damage("a.bin", new byte[3073 * 2]);

    [TestMethod]
    public void Wav() => Damage("a.wav", TemporaryFiles.Wav(16000, new short[40], channels: 2));

    [TestMethod]
    public void Archive_of_sound() => Damage(
        "a.zip",
        Zip(("a/x.wav", TemporaryFiles.Wav(16000, new short[40])), ("b/y.wav", TemporaryFiles.Wav(16000, new short[20])), ("labels.csv", "x.bin,2,1\ny.bin,2,0"u8.ToArray())));

    private void Damage(string name, byte[] whole)
    {
        var random = new SplitMix(1);
        var features = new DatasetOptions { Features = new FeatureSettings { Frames = 2 } };
        DatasetOptions[] options = [DatasetOptions.Default, features, new() { ExpectedElements = 6 }];
        int refused = 0;
        for (int round = 0; round < 600; round++)
        {
            byte[] bytes = (byte[])whole.Clone();
            if (round % 3 == 0)
            {
                bytes = bytes[..random.Next(bytes.Length)];
            }

            for (int flips = random.Next(4) + (round % 3 == 0 ? 0 : 1); flips > 0 && bytes.Length > 0; flips--)
            {
                // Headers are where damage does harm: half of the flips hit the first bytes.
                int range = random.Next(2) == 0 ? Math.Min(bytes.Length, 64) : bytes.Length;
                bytes[random.Next(range)] ^= (byte)(1 + random.Next(255));
            }

            try
            {
                DatasetLoader.Load(_files.Write(name, bytes), options[round % options.Length]);
            }
            catch (InputException)
            {
                refused++;
            }
        }

        Assert.IsGreaterThan(0, refused);
    }
}
