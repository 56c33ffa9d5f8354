using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using Converter.Tests.Cli;
using Converter.Tests.Data;
using TinyInference.Converter.Bench;
using TinyInference.Converter.Evaluation;

namespace Converter.Tests.Device;

/// <summary>Whole sessions with a device over a pseudo-terminal or TCP.</summary>
[TestClass]
[TestCategory("slow")]
public class DeviceSessionTest
{
    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = false)]
    public void Accuracy_and_performance_of_keyword_spotting_over_a_terminal()
    {
        SkipWithoutTerminals();
        string archive = SharedFiles.Path("data/kws01-mfcc/kws01-mfcc-500.zip");
        using var files = new TemporaryFiles();
        string blob = Path.Combine(files.Folder, "kws.tinf");
        Assert.AreEqual(0, ToolRun.Of("convert", SharedFiles.Path("models/mlperf-tiny/kws_ref_model.tflite"), "-o", blob, "--name", "kws01").ExitCode);
        using var device = new RunningDevice(blob, "--pty");
        using var client = new TtyClient(device.Port);
        CollectionAssert.AreEqual(new[] { "m-init-done" }, client.ReadToReady());
        CollectionAssert.AreEqual(new[] { "m-name-dut-[TinyInference]" }, client.Command("name"));
        CollectionAssert.AreEqual(new[] { "m-profile-[ULPMark for tinyML Firmware V0.0.1]", "m-model-[kws01]" }, client.Command("profile"));

        int correct = 0;
        int samples = 0;
        foreach ((byte[] sample, int label) in Samples(archive))
        {
            client.Load(sample);
            string[] reply = client.Command("infer 1 0");
            Assert.AreEqual("m-warmup-start-0", reply[0]);
            float[] results = Results(reply);
            Assert.HasCount(12, results);
            correct += ConfusionMatrix.ArgMax(results) == label ? 1 : 0;
            samples++;
        }

        // What the tool's own evaluation gives: 452 of 500.
        Assert.AreEqual(500, samples);
        Assert.AreEqual(452, correct);

        for (int window = 0; window < 5; window++)
        {
            string[] reply = client.Command("infer 200 10");
            long[] laps = [.. reply.Where(l => l.StartsWith("m-lap-us-", StringComparison.Ordinal)).Select(l => long.Parse(l[9..], CultureInfo.InvariantCulture))];
            Assert.HasCount(2, laps);
            Assert.IsGreaterThan(laps[0], laps[1]);
            CollectionAssert.AreEqual(new[] { "m-warmup-start-10", "m-warmup-done", "m-infer-start-200" }, reply[..3]);
            Assert.AreEqual("m-infer-done", reply[5]);
        }

        Assert.IsTrue(client.Log.All(b => b is (byte)'\r' or (byte)'\n' or >= 0x20 and < 0x7F), "a byte that is no text");
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = false)]
    public void Bench_measures_a_device_over_a_terminal()
    {
        SkipWithoutTerminals();
        using var model = new SmallModel();
        using var device = new RunningDevice(model.Convert(), "--pty");
        string html = model.PathOf("bench.html");

        ToolRun run = ToolRun.Of("bench", "--port", device.Port, "--data", model.Data, "--html", html, "--json");

        AssertMeasured(run, ToolRun.Of("evaluate", model.PathOf("small.tinf"), "--data", model.Data, "--json"));
        string page = File.ReadAllText(html);
        StringAssert.Contains(page, "<svg");
        Assert.IsFalse(page.Contains("http", StringComparison.Ordinal), "the page needs nothing else");
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = false)]
    public void Bench_measures_a_device_over_TCP_one_client_after_the_other()
    {
        using var model = new SmallModel();
        using var device = new RunningDevice(model.Convert(), "--tcp", "0");
        ToolRun evaluation = ToolRun.Of("evaluate", model.PathOf("small.tinf"), "--data", model.Data, "--json");

        AssertMeasured(ToolRun.Of("bench", "--port", device.Port, "--data", model.Data, "--json"), evaluation);
        ToolRun text = ToolRun.Of("bench", "--port", device.Port, "--data", model.Data, "--limit", "3");

        Assert.AreEqual(0, text.ExitCode, text.Error);
        StringAssert.Contains(text.Output, "latency     median ");
        StringAssert.Contains(text.Output, "confusion: a row for each class");
    }

    [TestMethod]
    [DataRow("there is no", "tcp:127.0.0.1:1", "cannot be reached")]
    [DataRow("not a port", "tcp:1", "a TCP port is tcp:HOST:PORT")]
    [DataRow("no file", "/dev/none", "cannot be opened")]
    [DataRow("no terminal", "/dev/null", "is no serial port")]
    public void A_port_without_device_is_explained(string what, string port, string message)
    {
        if (port.StartsWith('/'))
        {
            SkipWithoutTerminals();
        }

        ToolRun run = ToolRun.Of("bench", "--port", port, "--data", "x");

        Assert.AreEqual(1, run.ExitCode, what);
        StringAssert.Contains(run.Error, message);
    }

    [TestMethod]
    public void One_way_to_serve_is_needed() => Assert.AreEqual(2, ToolRun.Of("device", "x.tinf").ExitCode);

    [TestMethod]
    public void Ranks_and_jitter_are_those_of_the_times()
    {
        LatencyStatistics statistics = LatencyStatistics.Of([.. Enumerable.Range(1, 100).Select(i => (long)(101 - i))]);

        Assert.AreEqual((50, 90, 99, 1, 100), (statistics.Median, statistics.P90, statistics.P99, statistics.Smallest, statistics.Largest));
        Assert.AreEqual(Math.Sqrt(833.25), statistics.Jitter, 1e-9);
        Assert.AreEqual(new LatencyStatistics(1, 7, 7, 7, 7, 7, 7, 0), LatencyStatistics.Of([7]));
    }

    private static void AssertMeasured(ToolRun bench, ToolRun evaluation)
    {
        Assert.AreEqual(0, bench.ExitCode, bench.Error);
        using var measured = JsonDocument.Parse(bench.Output);
        using var expected = JsonDocument.Parse(evaluation.Output);
        JsonElement root = measured.RootElement;
        Assert.AreEqual(expected.RootElement.GetProperty("value").GetDouble(), root.GetProperty("evaluation").GetProperty("value").GetDouble());
        Assert.AreEqual(SmallModel.Samples, root.GetProperty("latencies").GetArrayLength());
        Assert.AreEqual(5, root.GetProperty("windows").GetArrayLength());
        Assert.IsGreaterThan(2, root.GetProperty("operators").GetArrayLength());
    }

    private static float[] Results(string[] reply)
    {
        string line = reply[^1];
        Assert.IsTrue(line.StartsWith("m-results-[", StringComparison.Ordinal) && line.EndsWith(']'), line);
        string[] words = line["m-results-[".Length..^1].Split(',');
        Assert.IsTrue(words.All(w => w.Length == 5 && w[1] == '.'), line);
        return [.. words.Select(w => float.Parse(w, CultureInfo.InvariantCulture))];
    }

    /// <summary>The files of the archive, with the labels of its list.</summary>
    private static IEnumerable<(byte[] Sample, int Label)> Samples(string archive)
    {
        using ZipArchive zip = ZipFile.OpenRead(archive);
        foreach (ZipArchiveEntry entry in zip.Entries.Where(e => e.Name.EndsWith(".bin", StringComparison.Ordinal)))
        {
            using var bytes = new MemoryStream();
            using Stream stream = entry.Open();
            stream.CopyTo(bytes);
            string name = Path.GetFileNameWithoutExtension(entry.Name);
            yield return (bytes.ToArray(), int.Parse(name[(name.LastIndexOf('_') + 1)..], CultureInfo.InvariantCulture));
        }
    }

    private static void SkipWithoutTerminals()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Inconclusive("skipped: no pseudo-terminals on Windows");
        }
    }
}
