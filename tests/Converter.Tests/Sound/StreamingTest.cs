using System.IO.Compression;
using TinyInference;
using TinyInference.Converter.Conversion;
using TinyInference.Converter.Data;
using TinyInference.Converter.Features;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Import;
using TinyInference.Converter.Quantization;
using TinyInference.Converter.Sound;
using TinyInference.Testing;

namespace Converter.Tests.Sound;

/// <summary>Words in long recordings, heard by MLPerf Tiny's reference network behind the runtime's own features and decisions.</summary>
[TestClass]
public class StreamingTest
{
    internal static readonly string[] Labels = ["down", "go", "left", "no", "off", "on", "right", "stop", "up", "yes", "silence", "unknown"];

    [TestMethod]
    [DataRow("yes_1000ms.wav", "yes")]
    [DataRow("noise_1000ms.wav", "")]
    [DataRow("silence_1000ms.wav", "")]
    public void Words_of_single_recordings(string file, string word)
    {
        byte[] wav = InputBytes.ReadFile(SharedFiles.Path("data/tflm-yesno/" + file));
        short[] sound = SoundReader.ToPcm([.. SoundReader.FromWav(wav, file, SoundReader.Rate, null), .. new float[12000]]);
        Assert.AreEqual(word, string.Join(' ', Hear(Reference(), sound).Select(h => Labels[h.Word])));
    }

    [TestMethod]
    public void Words_of_a_long_recording()
    {
        using ZipArchive zip = ZipFile.OpenRead(SharedFiles.Path("data/speech-commands/speech-commands-500-wav16k.zip"));
        var random = new SplitMix(9);
        var recording = new List<float>();
        var said = new List<(double Start, int Word)>();
        foreach (ZipArchiveEntry entry in zip.Entries.Where(e => e.Name.EndsWith(".wav", StringComparison.Ordinal)).Take(60))
        {
            recording.AddRange(new float[4800 + random.Next(16000)]);
            said.Add((recording.Count / 16000.0, int.Parse(Path.GetFileNameWithoutExtension(entry.Name).Split('_')[^1])));
            recording.AddRange(SoundReader.FromWav(InputBytes.ReadEntry(entry, "clips"), entry.Name, SoundReader.Rate, null));
        }

        recording.AddRange(new float[16000]);
        (double Time, int Word)[] heard = Hear(Reference(), SoundReader.ToPcm([.. recording.Select(s => s + (0.001f * NoiseGenerator.Gaussian(random)))]));
        said.RemoveAll(s => !KeywordListener.IsWord(Labels[s.Word]));
        int right = said.Count(s => heard.Any(h => h.Word == s.Word && h.Time >= s.Start - 0.25 && h.Time <= s.Start + 1.25));
        Console.WriteLine($"{said.Count} words, {heard.Length} heard, {right} of them right");
        Assert.IsGreaterThanOrEqualTo(0.7, (double)right / said.Count, "recall");
        Assert.IsGreaterThanOrEqualTo(0.7, (double)right / heard.Length, "precision");
    }

    /// <summary>MLPerf Tiny's network with the features' tables and the words' names.</summary>
    internal static byte[] ReferenceBlob()
    {
        Graph graph = NetworkConverter.Prepare(ModelImporter.Load(SharedFiles.Path("models/mlperf-tiny/kws_ref_model.tflite")));
        KeywordBlob.Describe(graph, Labels, new FeatureSettings());
        return NetworkConverter.Convert(graph, null, QuantizationOptions.Default).Blob;
    }

    private static Model Reference() => Model.Load(ReferenceBlob());

    private static (double Time, int Word)[] Hear(Model model, short[] sound)
    {
        var listener = new KeywordListener(model, 5, 4);
        var heard = new List<(double, int)>();
        for (int offset = 0; offset < sound.Length;)
        {
            offset += listener.Push(sound, offset, sound.Length - offset);
            if (listener.Word >= 0)
            {
                heard.Add((listener.WordTime / 1000.0, listener.Word));
            }
        }

        return [.. heard];
    }
}
