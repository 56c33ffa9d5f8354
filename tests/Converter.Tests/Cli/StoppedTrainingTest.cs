using Converter.Tests.Compression;
using Converter.Tests.Data;
using TinyInference.Converter.Cli;
using TinyInference.Converter.Execution;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Import;

namespace Converter.Tests.Cli;

/// <summary>What is left when train, prune, distil and recipe do not come to their end.</summary>
[TestClass]
public sealed class StoppedTrainingTest : IDisposable
{
    private readonly TemporaryFiles _files = new();

    public void Dispose() => _files.Dispose();

    [TestMethod]
    [DataRow("train --model mlp:64-8-6 --epochs 1000000", "out.onnx holds the best network until then")]
    [DataRow("prune NET --keep 0.01 --rounds 100000", "out.onnx holds the network after round")]
    [DataRow("distil --teacher NET --student mlp:64-8-6 --epochs 1000000", "out.onnx holds the best student until then")]
    public void Ctrl_C_keeps_the_best(string command, string note)
    {
        string data = PatternsData.WriteIdx(_files.Folder, 60, 1);
        string output = At("out.onnx");
        string[] args = [.. command.Replace("NET", Network(data), StringComparison.Ordinal).Split(' '), "--data", data, "-o", output];
        ToolRun run;
        double seconds = 0.5;
        do
        {
            // On a busy machine not even one epoch may have ended: then there is nothing to keep.
            using var cancellation = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
            run = ToolRun.At(null, cancellation.Token, args);
            Assert.AreEqual(ExitCode.Cancelled, run.ExitCode, run.Error);
            Assert.AreEqual(run.Error.EndsWith("cancelled\n", StringComparison.Ordinal), !File.Exists(output), run.Error);
            seconds *= 3;
        }
        while (!File.Exists(output) && seconds < 60);

        StringAssert.Contains(run.Error, note);
        AssertRuns(output);
        Assert.IsEmpty(Directory.GetFiles(_files.Folder, "*.tmp"));
        if (command.StartsWith("train", StringComparison.Ordinal))
        {
            StringAssert.Contains(run.Error, "go on with --resume " + output + ".checkpoint");
            ToolRun other = ToolRun.Of("train", "--model", "mlp:64-9-6", "--data", data, "--resume", output + ".checkpoint", "-o", At("other.onnx"));
            Assert.AreEqual(ExitCode.Failed, other.ExitCode);
            StringAssert.Contains(other.Error, "is a checkpoint of another network; resume with the same --model and data as before");
        }
    }

    [TestMethod]
    [DataRow("train --model mlp:64-8-6 --epochs 9", "out.onnx.checkpoint holds the state after epoch ", "out.onnx.checkpoint")]
    [DataRow("prune NET --keep 0.5 --rounds 9", "out.onnx holds the network after round ", "out.onnx")]
    [DataRow("distil --teacher NET --student mlp:64-8-6 --epochs 9", "out.onnx holds the best student until epoch ", "out.onnx")]
    public void Numbers_that_grow_without_bound_are_named_with_their_step_and_what_is_kept(string command, string kept, string file)
    {
        // One step is an epoch: the first one is still good.
        string data = PatternsData.WriteIdx(_files.Folder, 60, 1);
        ToolRun run = ToolRun.Of([.. command.Replace("NET", Network(data), StringComparison.Ordinal).Split(' '), "--data", data, "--batch", "1000", "--rate", "1e38", "-o", At("out.onnx")]);
        Assert.AreEqual(ExitCode.Failed, run.ExitCode, run.Error);
        StringAssert.Matches(run.Error, new("no longer (a number|numbers) (at|after) step [0-9]+ of [0-9]+ "));
        StringAssert.Contains(run.Error, kept);
        Assert.IsTrue(File.Exists(At(file)));
        if (file.EndsWith(".onnx", StringComparison.Ordinal))
        {
            AssertRuns(At(file));
        }
    }

    [TestMethod]
    public void Training_goes_on_where_there_is_no_room_for_a_checkpoint()
    {
        // A folder in its place is refused as a full disk is.
        string data = PatternsData.WriteIdx(_files.Folder, 60, 1);
        Directory.CreateDirectory(At("out.onnx.checkpoint"));
        ToolRun run = ToolRun.Of("train", "--model", "mlp:64-8-6", "--epochs", "9", "--data", data, "--batch", "1000", "--rate", "1e38", "-o", At("out.onnx"));
        Assert.AreEqual(ExitCode.Failed, run.ExitCode, run.Error);
        StringAssert.Contains(run.Error, "warning: " + At("out.onnx.checkpoint") + ": is a folder; name a file to write; there is no checkpoint to go on from");
        StringAssert.Contains(run.Error, "error: the ");
        Assert.IsFalse(run.Error.Contains("holds the state", StringComparison.Ordinal), run.Error);
        Assert.AreEqual(ExitCode.Done, ToolRun.Of("train", "--model", "mlp:64-8-6", "--epochs", "2", "--data", data, "-o", At("out.onnx")).ExitCode);
    }

    [TestMethod]
    [DataRow("prune NET --keep 0.5 --rounds 1 --final-epochs 1")]
    [DataRow("distil --teacher NET --student mlp:64-8-6 --epochs 1")]
    [DataRow("convert NET --calibration DATA")]
    [DataRow("convert NET --qat DATA --qat-epochs 1 --calibration DATA")]
    public void A_full_disk_is_named(string command)
    {
        if (!File.Exists("/dev/full"))
        {
            Assert.Inconclusive("skipped: /dev/full not found");
        }

        string data = PatternsData.WriteIdx(_files.Folder, 60, 1);
        string line = command.Replace("NET", Network(data), StringComparison.Ordinal).Replace("DATA", data, StringComparison.Ordinal);
        ToolRun run = ToolRun.Of([.. line.Split(' '), .. line.StartsWith("convert", StringComparison.Ordinal) ? Array.Empty<string>() : ["--data", data], "-o", "/dev/full"]);
        Assert.AreEqual(ExitCode.Failed, run.ExitCode);
        StringAssert.Contains(run.Error, "error: /dev/full: cannot be written: No space left on device");
    }

    [TestMethod]
    public void A_recipe_says_at_which_step_it_ends_and_what_is_kept()
    {
        string data = Path.GetFileName(PatternsData.WriteIdx(_files.Folder, 60, 1));
        string recipe = _files.Write(
            "two.json", $$"""{ "data": "{{data}}", "test": "{{data}}", "steps": [ { "verb": "train", "model": "mlp:64-8-6", "epochs": 1 }, { "verb": "prune", "keep": 3 } ] }""");
        ToolRun run = ToolRun.Of("recipe", recipe);
        Assert.AreEqual(ExitCode.Failed, run.ExitCode);
        StringAssert.Contains(run.Error, "error: --keep takes a share above 0 and below 1, not 3\nthe recipe ends at step 2 of 2, prune; " + At("two.out") + " keeps what was made until then");
        AssertRuns(Path.Combine(At("two.out"), "1-train.onnx"));
        Assert.IsFalse(File.Exists(Path.Combine(At("two.out"), "report.html")));
    }

    [TestMethod]
    [DataRow("train --model mlp:64-8-6 --data FILE")]
    [DataRow("prune NET --data FILE")]
    [DataRow("distil --teacher NET --student mlp:64-8-6 --data FILE")]
    [DataRow("convert NET --qat FILE --calibration FILE")]
    [DataRow("recipe FILE")]
    public void Data_that_are_empty_or_far_too_large_are_refused(string command)
    {
        string network = Network(PatternsData.WriteIdx(_files.Folder, 60, 1));
        string file = At("bad.bin");
        foreach ((long length, string message) in new[] { (0, command.StartsWith("recipe", StringComparison.Ordinal) ? "is no JSON" : "the file is empty"), (1L << 31, command.StartsWith("recipe", StringComparison.Ordinal) ? "at most 1,048,576" : "has more than 1024 MB") })
        {
            using (FileStream stream = File.Create(file))
            {
                stream.SetLength(length);
            }

            string line = command.Replace("NET", network, StringComparison.Ordinal).Replace("FILE", file, StringComparison.Ordinal);
            ToolRun run = ToolRun.Of([.. line.Split(' '), .. line.StartsWith("recipe", StringComparison.Ordinal) ? Array.Empty<string>() : ["-o", At("out.onnx")]]);
            Assert.AreEqual(ExitCode.Failed, run.ExitCode);
            StringAssert.Contains(run.Error, $"error: {file}");
            StringAssert.Contains(run.Error, message);
            Assert.IsFalse(File.Exists(At("out.onnx")));
        }
    }

    private string Network(string data)
    {
        string network = At("net.onnx");
        ToolRun run = ToolRun.Of("train", "--model", "mlp:64-8-6", "--data", data, "--epochs", "1", "-o", network);
        Assert.AreEqual(ExitCode.Done, run.ExitCode, run.Error);
        return network;
    }

    private static void AssertRuns(string file)
    {
        Graph graph = ModelImporter.Load(file);
        float[] output = new FloatExecutor(graph).Run(new Tensor(graph.Inputs[0].Shape, new float[graph.Inputs[0].Shape.ElementCount]))[0].Floats;
        Assert.IsNotEmpty(output);
    }

    private string At(string name) => Path.Combine(_files.Folder, name);
}
