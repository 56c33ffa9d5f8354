using System.Text.Json;
using Converter.Tests.Cli;
using Converter.Tests.Data;
using TinyInference.Converter.Data;
using TinyInference.Converter.Sound;

namespace Converter.Tests.Sound;

/// <summary>From clips to a network to the words in a recording.</summary>
[TestClass]
public sealed class KeywordsTest : IDisposable
{
    private static string? s_blob;
    private static string s_training = "";
    private readonly TemporaryFiles _files = new();

    public void Dispose() => _files.Dispose();

    [TestMethod]
    public void Words_are_learned_and_heard_again()
    {
        string blob = Blob();
        using JsonDocument training = JsonDocument.Parse(s_training);
        Assert.IsGreaterThanOrEqualTo(0.9, training.RootElement.GetProperty("accuracy").GetDouble());
        Assert.AreEqual("high", training.RootElement.GetProperty("classes")[1].GetString());

        var random = new SplitMix(77);
        short[] recording = SoundReader.ToPcm([.. new[] { "silence", "low", "high", "other", "high", "silence", "low" }.SelectMany(word => Tones.Word(word, random))]);
        ToolRun run = ToolRun.Of("listen", _files.Write("r.wav", TemporaryFiles.Wav(16000, recording)), "--keywords", blob, "--json");
        Assert.AreEqual(0, run.ExitCode, run.Error);
        using JsonDocument heard = JsonDocument.Parse(run.Output);
        (string, double)[] words = [.. heard.RootElement.GetProperty("words").EnumerateArray().Select(w => (w.GetProperty("word").GetString()!, w.GetProperty("time").GetDouble()))];
        CollectionAssert.AreEqual(new[] { "low", "high", "high", "low" }, words.Select(w => w.Item1).ToArray(), run.Output);
        foreach ((double expected, double time) in new[] { 1.5, 2.5, 4.5, 6.5 }.Zip(words.Select(w => w.Item2)))
        {
            Assert.AreEqual(expected, time, 0.35);
        }

        // The same through a pipe, with and without a header; and as text.
        byte[] raw = [.. recording.SelectMany(BitConverter.GetBytes)];
        Assert.AreEqual(run.Output, ToolRun.Fed(raw, "listen", "-", "--keywords", blob, "--json").Output);
        Assert.AreEqual(run.Output, ToolRun.Fed(TemporaryFiles.Wav(16000, recording), "listen", "-", "--keywords", blob, "--json").Output);
        string[] lines = ToolRun.Fed(raw, "listen", "-", "--keywords", blob).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.HasCount(4, lines);
        Assert.Contains(" s  low ", lines[0]);
    }

    [TestMethod]
    public void The_small_size_listens_at_8_kilohertz()
    {
        string blob = Path.Combine(_files.Folder, "small.tinf");
        ToolRun run = ToolRun.Of("keywords", "train", "--clips", _files.Write("t.zip", Tones.Zip(16)), "--words", "low,high", "--size", "small", "--epochs", "12", "--rate", "0.01", "--held-out", "0.25", "-o", blob);
        Assert.AreEqual(0, run.ExitCode, run.Error);
        Assert.Contains("esp32-wroom-32, by a model: real time: features take ", run.Output);

        var random = new SplitMix(77);
        short[] recording = SoundReader.ToPcm([.. new[] { "low", "high", "silence" }.SelectMany(word => Tones.Word(word, random))]);
        run = ToolRun.Of("listen", _files.Write("r.wav", TemporaryFiles.Wav(16000, recording)), "--keywords", blob, "--every", "480", "--average", "1");
        Assert.AreEqual(0, run.ExitCode, run.Error);
        Assert.Contains("resampled from 16,000 to 8,000 Hz", run.Error);
        CollectionAssert.AreEqual(new[] { "low", "high" }, run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[2]).ToArray(), run.Output);
        Assert.Contains("on esp32-wroom-32, by a model, a second of sound would take 0.", run.Error);
        Assert.Contains("managed code keeps up", run.Error);
    }

    [TestMethod]
    public void What_listening_costs_is_told_for_a_board()
    {
        string file = _files.Write("r.wav", TemporaryFiles.Wav(16000, new short[16000]));
        ToolRun run = ToolRun.Of("listen", file, "--keywords", Blob(), "--every", "20", "--board", "esp32-c3");
        Assert.AreEqual(0, run.ExitCode, run.Error);
        Assert.Contains("on esp32-c3, by a model, a second of sound would take ", run.Error);
        Assert.Contains("features alone take too long there", run.Error);
        Assert.Contains("real time: features ", ToolRun.Of("estimate", Blob(), "--board", "esp32-wroom-32").Output);
        Refused("there is no board", "listen", file, "--keywords", Blob(), "--board", "abacus");
    }

    [TestMethod]
    public void Sizes_and_voices_that_do_not_exist_are_refused()
    {
        string output = Path.Combine(_files.Folder, "o.tinf");
        string clips = _files.Write("t.zip", Tones.Zip(2));
        Refused("--size is normal or small, not 'huge'", "keywords", "train", "--clips", clips, "--size", "huge", "-o", output);
        Refused("one of those that --synthesise brings", "keywords", "train", "--clips", clips, "--test-voice", "slt", "-o", output);
        if (SpeechSynthesizer.Find() is null)
        {
            Assert.Inconclusive("skipped: neither espeak-ng nor flite is installed");
        }

        Refused("has the voice 'nobody'", "keywords", "train", "--words", "stop", "--synthesise", "--test-voice", "nobody", "-o", output);
    }

    [TestMethod]
    public void Sound_of_another_form_is_brought_into_this_one_and_said_so()
    {
        string blob = Blob();
        var random = new SplitMix(3);
        float[] low = Tones.Word("low", random);
        short[] fast = SoundReader.ToPcm(Resampler.Resample(low, 16000 / 44100.0));
        short[] stereo = [.. fast.SelectMany(s => new[] { s, s })];
        ToolRun run = ToolRun.Of("listen", _files.Write("stereo.wav", TemporaryFiles.Wav(44100, stereo, channels: 2)), "--keywords", blob);
        Assert.AreEqual(0, run.ExitCode, run.Error);
        Assert.Contains("2 channels are mixed to one", run.Error);
        Assert.Contains("resampled from 44,100 to 16,000 Hz", run.Error);
        Assert.Contains(" low ", run.Output);

        byte[] cut = TemporaryFiles.Wav(16000, SoundReader.ToPcm(low))[..^5000];
        run = ToolRun.Of("listen", _files.Write("cut.wav", cut), "--keywords", blob);
        Assert.AreEqual(0, run.ExitCode, run.Error);
        Assert.Contains("ends before its data chunk does", run.Error);
    }

    [TestMethod]
    public void What_is_no_sound_is_refused()
    {
        string blob = Blob();
        Refused("not a WAV file", "listen", _files.Write("a.wav", "hello"), "--keywords", blob);
        Refused("floating point", "listen", _files.Write("b.wav", TemporaryFiles.Wav(16000, [1, 2], bits: 32, format: 3)), "--keywords", blob);
        Refused("holds no sound", "listen", _files.Write("c.wav", TemporaryFiles.Wav(16000, [])), "--keywords", blob);
        Refused("there is no such file", "listen", Path.Combine(_files.Folder, "none.wav"), "--keywords", blob);
        Refused("above 0 and up to 1", "listen", "-", "--keywords", blob, "--threshold", "2");
        using var small = new SmallModel();
        string model = small.PathOf("m.tinf");
        Assert.AreEqual(0, ToolRun.Of("convert", small.Onnx, "--calibration", small.Data, "-o", model).ExitCode);
        Refused("is no keyword network", "listen", "-", "--keywords", model);
        ToolRun run = ToolRun.Fed([], "listen", "-", "--keywords", blob);
        Assert.Contains("holds no sound", run.Error);
        run = ToolRun.Fed(TemporaryFiles.Wav(44100, new short[99]), "listen", "-", "--keywords", blob);
        Assert.Contains("at 44100 Hz", run.Error);
    }

    [TestMethod]
    public void Clips_that_cannot_be_learned_from_are_refused()
    {
        string output = Path.Combine(_files.Folder, "k.tinf");
        Refused("nothing to learn from", "keywords", "train", "--words", "yes", "-o", output);
        Refused("no keyword to learn", "keywords", "train", "--synthesise", "-o", output);
        Refused("is no keyword", "keywords", "train", "--synthesise", "--words", "yes,--help", "-o", output);
        Refused("there twice", "keywords", "train", "--synthesise", "--words", "yes,Yes", "-o", output);
        Refused("holds no .wav files", "keywords", "train", "--clips", _files.Write("empty.zip", TemporaryFiles.Zip(("a.txt", [1]))), "-o", output);
        Refused("neither a folder nor a zip", "keywords", "train", "--clips", _files.Write("x.wav", TemporaryFiles.Wav(16000, [1])), "-o", output);
        Refused("no such file or folder", "keywords", "train", "--clips", Path.Combine(_files.Folder, "none"), "-o", output);
        byte[] wav = TemporaryFiles.Wav(16000, [1, 2, 3]);
        Refused("which word", "keywords", "train", "--clips", _files.Write("n.zip", TemporaryFiles.Zip(("1.wav", wav), ("2.wav", wav))), "-o", output);
        Refused("--held-out", "keywords", "train", "--clips", _files.Write("t.zip", Tones.Zip(1)), "--held-out", "1", "-o", output);
        Assert.IsFalse(File.Exists(output));
    }

    /// <summary>Trains once for all tests.</summary>
    private static string Blob()
    {
        if (s_blob is null)
        {
            string folder = Directory.CreateTempSubdirectory("tinyinference-").FullName;
            string clips = Path.Combine(folder, "tones.zip");
            File.WriteAllBytes(clips, Tones.Zip(24));
            s_blob = Path.Combine(folder, "tones.tinf");
            ToolRun run = ToolRun.Of("keywords", "train", "--clips", clips, "--words", "low,high", "--model", "dscnn:width=16,blocks=1", "--epochs", "15", "--rate", "0.01", "--held-out", "0.25", "--json", "-o", s_blob);
            Assert.AreEqual(0, run.ExitCode, run.Error);
            s_training = run.Output;
        }

        return s_blob;
    }

    [ClassCleanup]
    public static void Remove()
    {
        if (s_blob is not null)
        {
            Directory.Delete(Path.GetDirectoryName(s_blob)!, recursive: true);
        }
    }

    private static void Refused(string reason, params string[] args)
    {
        ToolRun run = ToolRun.Of(args);
        Assert.AreEqual(1, run.ExitCode, run.Output);
        Assert.Contains(reason, run.Error);
    }
}
