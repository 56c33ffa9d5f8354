using System.IO.Compression;
using System.Text.Json;
using Converter.Tests.Cli;
using Converter.Tests.Data;
using TinyInference.Converter.Cli.Listening;
using TinyInference.Converter.Data;
using TinyInference.Converter.Sound;
using TinyInference.Testing;

namespace Converter.Tests.Sound;

/// <summary>From words to sentences, and from sound to what was wanted.</summary>
[TestClass]
public sealed class SpokenCommandsTest : IDisposable
{
    private static readonly string s_commands = Path.Combine(SharedFiles.Repository, "samples", "commands", "commands.tinf");
    private readonly TemporaryFiles _files = new();

    public void Dispose() => _files.Dispose();

    [TestMethod]
    public void Pauses_end_sentences()
    {
        var sentences = new List<string>();
        var commands = new SpokenCommands(1.5, words => sentences.Add(string.Join(' ', words.Select(w => w.Word))));
        foreach ((double time, string word) in new[] { (0.5, "go"), (1.9, "left"), (3.4, "now"), (4.91, "stop"), (9.0, "off") })
        {
            commands.Add(new HeardWord(time, word, 1), time + 0.7);
        }

        CollectionAssert.AreEqual(new[] { "go left now", "stop" }, sentences);
        commands.End();
        commands.End();
        CollectionAssert.AreEqual(new[] { "go left now", "stop", "off" }, sentences);
    }

    [TestMethod]
    public void A_sentence_is_complete_when_time_goes_by_without_a_word()
    {
        var sentences = new List<string>();
        var commands = new SpokenCommands(1.5, words => sentences.Add(string.Join(' ', words.Select(w => w.Word))));
        commands.Pass(100);
        commands.Add(new HeardWord(100, "go", 1), 100.7);
        commands.Pass(102.3);

        // The word that is recognised now was said a second and a half after the other one.
        commands.Add(new HeardWord(101.5, "left", 1), 102.4);
        commands.Pass(104.3);
        Assert.HasCount(0, sentences);
        commands.Pass(104.5);
        CollectionAssert.AreEqual(new[] { "go left" }, sentences);
    }

    [TestMethod]
    public void Commands_of_a_recording_are_heard_and_understood()
    {
        string keywords = _files.Write("kws.tinf", StreamingTest.ReferenceBlob());
        using ZipArchive zip = ZipFile.OpenRead(SharedFiles.Path("data/speech-commands/speech-commands-500-wav16k.zip"));
        var random = new SplitMix(5);
        var sound = new List<float>();
        foreach ((string word, double pause) in new[] { ("stop", 0.1), ("stop", 2.5), ("off", 2.5), ("stop", 0.0) })
        {
            int label = Array.IndexOf(StreamingTest.Labels, word);
            ZipArchiveEntry[] clips = [.. zip.Entries.Where(e => e.Name.EndsWith($"_{label}.wav", StringComparison.Ordinal)).Take(20)];
            ZipArchiveEntry clip = clips[random.Next(clips.Length)];
            sound.AddRange(SoundReader.FromWav(InputBytes.ReadEntry(clip, "clips"), clip.Name, SoundReader.Rate, null));
            sound.AddRange(new float[(int)(pause * SoundReader.Rate)]);
        }

        short[] recording = SoundReader.ToPcm([.. sound.Select(s => s + (0.001f * NoiseGenerator.Gaussian(random)))]);
        byte[] wav = TemporaryFiles.Wav(SoundReader.Rate, recording);
        string[] options = ["--keywords", keywords, "--commands", s_commands];
        string file = _files.Write("r.wav", wav);
        ToolRun run = ToolRun.Of(["listen", file, .. options, "--json"]);
        Assert.AreEqual(0, run.ExitCode, run.Error);
        using JsonDocument heard = JsonDocument.Parse(run.Output);
        JsonElement[] commands = [.. heard.RootElement.GetProperty("commands").EnumerateArray()];
        CollectionAssert.AreEqual(new[] { "stop stop", "off", "stop" }, commands.Select(c => c.GetProperty("words").GetString()).ToArray(), run.Output);
        foreach (JsonElement command in new[] { commands[0], commands[2] })
        {
            Assert.IsTrue(command.GetProperty("understood").GetBoolean(), run.Output);
            Assert.AreEqual("vacuum_stop", command.GetProperty("intent").GetString());
        }

        Assert.AreEqual(run.Output, ToolRun.Fed(wav, ["listen", "-", .. options, "--json"]).Output);
        string[] lines = ToolRun.Of(["listen", file, .. options]).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.HasCount(7, lines);
        Assert.Contains(" s  > stop stop: vacuum_stop  (", lines[2]);
    }

    [TestMethod]
    public void Options_that_make_no_sense_are_refused()
    {
        string keywords = _files.Write("kws.tinf", StreamingTest.ReferenceBlob());
        Refused("it needs --commands", "listen", "-", "--keywords", keywords, "--pause", "2");
        Refused("seconds above 0", "listen", "-", "--keywords", keywords, "--commands", s_commands, "--pause", "0");
        Refused("is no network for commands", "listen", "-", "--keywords", keywords, "--commands", keywords);
    }

    private static void Refused(string reason, params string[] args)
    {
        ToolRun run = ToolRun.Of(args);
        Assert.AreEqual(1, run.ExitCode, run.Output);
        Assert.Contains(reason, run.Error);
    }
}
