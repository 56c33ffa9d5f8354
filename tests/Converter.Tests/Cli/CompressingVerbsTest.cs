using Converter.Tests.Compression;
using Converter.Tests.Data;
using TinyInference.Converter.Cli;

namespace Converter.Tests.Cli;

/// <summary>The verbs that make networks smaller: train, prune, distil on files.</summary>
[TestClass]
public sealed class CompressingVerbsTest : IDisposable
{
    private readonly TemporaryFiles _files = new();

    public void Dispose() => _files.Dispose();

    [TestMethod]
    public void A_network_is_pruned_distilled_and_evaluated()
    {
        string data = Patterns(480, 1);
        string test = Patterns(120, 2);
        string network = At("net.onnx");
        Done("train", "--model", "mlp:64-32-6", "--data", data, "--epochs", "6", "--rate", "0.01", "-o", network);
        string pruned = At("pruned.onnx");
        ToolRun run = Done("prune", network, "--data", data, "--hold-out", "0.2", "--test", test, "--keep", "0.3", "--rounds", "3", "--final-epochs", "2", "--max-loss", "0.1", "-o", pruned);
        StringAssert.Contains(run.Output, "30.0");
        StringAssert.Contains(run.Output, "accuracy test:");
        StringAssert.Contains(run.Output, "fc1");

        ToolRun json = Done("prune", network, "--data", data, "--structure", "channels", "--keep", "0.5", "--rounds", "2", "--max-loss", "0.2", "-o", At("small.onnx"), "--json");
        StringAssert.Contains(json.Output, "\"reached\": true");

        ToolRun student = Done(
            "distil", "--teacher", network, "--student", "mlp:64-32-6", "--data", data, "--hint", "relu1=relu1", "--unlabelled", test, "--epochs", "6", "--rate", "0.01", "--test", test, "-o", At("student.onnx"));
        StringAssert.Contains(student.Output, "(teacher ");

        // The student says how its data are prepared, as its teacher did.
        StringAssert.Contains(Done("evaluate", At("student.onnx"), "--data", test).Output, "accuracy: " + student.Output.Split('\n').Single(l => l.StartsWith("accuracy test: ", StringComparison.Ordinal))["accuracy test: ".Length..]);
    }

    [TestMethod]
    public void A_stated_share_is_reached_whatever_the_loss_unless_that_is_bounded_too()
    {
        string data = Patterns(300, 1);
        string network = At("net.onnx");
        Done("train", "--model", "mlp:64-32-6", "--data", data, "--epochs", "8", "--rate", "0.01", "-o", network);
        string[] prune = ["prune", network, "--data", data, "--keep", "0.01", "--rounds", "1", "--final-epochs", "1", "--json", "-o", At("pruned.onnx")];
        StringAssert.Contains(Done(prune).Output, "\"reached\": true");
        StringAssert.Contains(Done([.. prune, "--max-loss", "0.003"]).Output, "\"reached\": false");
    }

    [TestMethod]
    public void The_same_seed_prunes_to_the_same_bytes()
    {
        string data = Patterns(200, 1);
        string network = At("net.onnx");
        Done("train", "--model", "mlp:64-16-6", "--data", data, "--epochs", "2", "-o", network);
        byte[] Prune(string name)
        {
            Done("prune", network, "--data", data, "--keep", "0.5", "--rounds", "2", "--final-epochs", "1", "--max-loss", "1", "-o", At(name));
            return File.ReadAllBytes(At(name));
        }

        CollectionAssert.AreEqual(Prune("a.onnx"), Prune("b.onnx"));
    }

    [TestMethod]
    [DataRow("prune NET --keep 0", "--keep takes a share")]
    [DataRow("prune NET --keep 1.5", "--keep takes a share")]
    [DataRow("prune NET --max-loss -1", "--max-loss takes")]
    [DataRow("prune NET --rate 0", "--rate takes")]
    [DataRow("prune NET --structure channels --schedule gradual", "--schedule gradual")]
    [DataRow("prune none.onnx", "none.onnx: there is no such file")]
    [DataRow("prune NET --labels none", "none")]
    [DataRow("distil --teacher NET --student mlp:64-16-6 --temperature 0", "--temperature takes")]
    [DataRow("distil --teacher NET --student mlp:64-16-6 --label-weight 0 --teacher-weight 0", "--label-weight")]
    [DataRow("distil --teacher NET --student mlp:64-16-6 --mixup 1.5", "--mixup takes")]
    [DataRow("distil --teacher NET --student mlp:64-16-6 --hint relu1", "--hint takes")]
    [DataRow("distil --teacher NET --student mlp:64-16-6 --hint nose=relu1", "no tensor 'nose'")]
    [DataRow("distil --teacher NET --student mlp:64-16-7", "mlp:64-64-32-6")]
    [DataRow("distil --teacher NET --student lenet6", "no network is called")]
    [DataRow("distil --teacher NET --student small.onnx", "small.onnx: there is no such file")]
    public void What_cannot_be_done_is_named(string command, string message)
    {
        string data = Patterns(60, 1);
        string network = At("net.onnx");
        Done("train", "--model", "mlp:64-8-6", "--data", data, "--epochs", "1", "-o", network);
        string output = At("x.onnx");
        ToolRun run = ToolRun.Of([.. command.Replace("NET", network, StringComparison.Ordinal).Split(' '), "--data", data, "-o", output]);
        Assert.AreEqual(ExitCode.Failed, run.ExitCode, run.Error);
        StringAssert.Contains(run.Error, message);
        Assert.IsFalse(File.Exists(output));
    }

    [TestMethod]
    public void Data_of_one_class_are_refused()
    {
        string network = At("net.onnx");
        Done("train", "--model", "mlp:64-8-6", "--data", Patterns(60, 1), "--epochs", "1", "-o", network);
        string one = At("one-images-idx3-ubyte");
        File.WriteAllBytes(one, [0, 0, 8, 3, 0, 0, 0, 20, 0, 0, 0, 8, 0, 0, 0, 8, .. new byte[20 * 64]]);
        File.WriteAllBytes(At("one-labels-idx1-ubyte"), [0, 0, 8, 1, 0, 0, 0, 20, .. new byte[20]]);
        ToolRun run = ToolRun.Of("prune", network, "--data", one, "-o", At("x.onnx"));
        Assert.AreEqual(ExitCode.Failed, run.ExitCode);
        StringAssert.Contains(run.Error, "one class");
    }

    private string At(string name) => Path.Combine(_files.Folder, name);

    private static ToolRun Done(params string[] args)
    {
        ToolRun run = ToolRun.Of(args);
        Assert.AreEqual(ExitCode.Done, run.ExitCode, run.Error);
        return run;
    }

    private string Patterns(int count, int seed) => PatternsData.WriteIdx(_files.Folder, count, seed);
}
