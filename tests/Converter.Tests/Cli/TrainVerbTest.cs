using TinyInference.Converter.Cli;
using TinyInference.Converter.Demo;
using Converter.Tests.Data;

namespace Converter.Tests.Cli;

[TestClass]
public sealed class TrainVerbTest : IDisposable
{
    private readonly TemporaryFiles _files = new();

    public void Dispose() => _files.Dispose();

    [TestMethod]
    public void From_pictures_to_a_network_that_knows_its_scale()
    {
        string data = Digits(300);
        string output = At("digits.onnx");
        ToolRun run = ToolRun.Of("train", "--model", "linear", "--data", data, "--epochs", "3", "-o", output);
        Assert.AreEqual(ExitCode.Done, run.ExitCode, run.Error);
        StringAssert.Contains(run.Output, "accuracy held out:");
        StringAssert.Contains(run.Output, "3 epochs");
        Assert.IsFalse(File.Exists(output + ".checkpoint"));

        // What training measured on the same samples: the file says how pixels become its input.
        ToolRun all = ToolRun.Of("train", "--model", "linear", "--data", data, "--hold-out", "0", "--epochs", "3", "-o", output);
        ToolRun evaluated = ToolRun.Of("evaluate", output, "--data", data);
        string accuracy = all.Output.Split('\n').Single(l => l.StartsWith("accuracy train: ", StringComparison.Ordinal))["accuracy train: ".Length..];
        StringAssert.Contains(evaluated.Output, "accuracy: " + accuracy);

        ToolRun again = ToolRun.Of("train", "--model", output, "--data", data, "--epochs", "1", "--augment", "shift=1,noise=2", "--class-weights", "balanced", "-o", At("again.onnx"), "--json");
        Assert.AreEqual(ExitCode.Done, again.ExitCode, again.Error);
        StringAssert.Contains(again.Output, "\"bestEpoch\": 1");
    }

    [TestMethod]
    public void The_same_seed_gives_the_same_bytes()
    {
        string data = Digits(100);
        byte[] Train(string name, string seed)
        {
            ToolRun run = ToolRun.Of("train", "--model", "dscnn:width=8,blocks=1", "--data", data, "--epochs", "2", "--seed", seed, "-o", At(name));
            Assert.AreEqual(ExitCode.Done, run.ExitCode, run.Error);
            return File.ReadAllBytes(At(name));
        }

        byte[] first = Train("a.onnx", "5");
        CollectionAssert.AreEqual(first, Train("b.onnx", "5"));
        CollectionAssert.AreNotEqual(first, Train("c.onnx", "6"));
    }

    [TestMethod]
    [DataRow("lenet6", "", "no network is called 'lenet6'")]
    [DataRow("none.onnx", "", "none.onnx: there is no such file")]
    [DataRow("dscnn:layers=3,width=8", "", "dscnn:layers=3,width=8: this network has no argument 'layers'; it takes blocks, norm, width")]
    [DataRow("lenet300:5", "", "this network has no argument '5'; it takes none")]
    [DataRow("lenet5", "", "conv2: a window of 5x5 does not fit")]
    [DataRow("mlp:384-1000000-1000000-10", "", "fc1.weight: 1000000 x 384")]
    [DataRow("linear", "--hold-out 2", "--hold-out takes a part")]
    [DataRow("linear", "--rate 0", "above 0")]
    [DataRow("linear", "--augment rotate", "not known")]
    [DataRow("linear", "--resume none", "none: cannot be read")]
    [DataRow("linear", "--shape 7x7", "the model takes 49")]
    [DataRow("linear", "--batch 100000000", "--batch")]
    public void What_cannot_be_trained_is_named(string model, string more, string message)
    {
        string data = model == "lenet5" ? Write("small", 20, 11, 11, i => (byte)i, i => (byte)(i % 3)) : Digits(40);
        ToolRun run = ToolRun.Of(["train", "--model", model, "--data", data, "--epochs", "1", .. more.Split(' ', StringSplitOptions.RemoveEmptyEntries), "-o", At("x.onnx")]);
        Assert.AreEqual(ExitCode.Failed, run.ExitCode);
        StringAssert.Contains(run.Error, message);
        Assert.IsFalse(File.Exists(At("x.onnx")));
    }

    [TestMethod]
    public void Samples_of_one_class_are_refused()
    {
        string data = Write("one", 20, 4, 4, i => (byte)i, _ => 3);
        ToolRun run = ToolRun.Of("train", "--model", "linear", "--data", data, "-o", At("x.onnx"));
        Assert.AreEqual(ExitCode.Failed, run.ExitCode);
        StringAssert.Contains(run.Error, "are of one class");
    }

    [TestMethod]
    public void A_full_disk_is_named()
    {
        if (!File.Exists("/dev/full"))
        {
            Assert.Inconclusive("skipped: /dev/full not found");
        }

        ToolRun run = ToolRun.Of("train", "--model", "linear", "--data", Digits(40), "--epochs", "1", "-o", "/dev/full");
        Assert.AreEqual(ExitCode.Failed, run.ExitCode);
        StringAssert.Contains(run.Error, "/dev/full: cannot be written");
    }

    [TestMethod]
    public void A_rate_that_is_too_high_names_the_step_and_the_state_kept()
    {
        ToolRun run = ToolRun.Of("train", "--model", "linear", "--data", Digits(40), "--rate", "1e38", "--optimizer", "sgd", "--schedule", "constant", "--epochs", "9", "-o", At("x.onnx"));
        Assert.AreEqual(ExitCode.Failed, run.ExitCode);
        StringAssert.Contains(run.Error, "no longer a number at step");
    }

    [TestMethod]
    public void Cancelled_before_the_first_epoch_ends_it_leaves_nothing()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        ToolRun run = ToolRun.At(null, cancelled.Token, "train", "--model", "linear", "--data", Digits(40), "-o", At("x.onnx"));
        Assert.AreEqual(ExitCode.Cancelled, run.ExitCode);
        Assert.IsFalse(File.Exists(At("x.onnx")));
    }

    private string At(string name) => Path.Combine(_files.Folder, name);

    private string Digits(int count)
    {
        (byte[] pixels, int[] labels) = MeterDigits.Draw(count, 1);
        return Write("digits", count, MeterDigits.Height, MeterDigits.Width, i => pixels[i], i => (byte)labels[i]);
    }

    private string Write(string name, int count, int height, int width, Func<int, byte> pixel, Func<int, byte> label)
    {
        _files.Write(name + "-labels-idx1-ubyte", TemporaryFiles.Idx([count], [.. Enumerable.Range(0, count).Select(label)]));
        return _files.Write(name + "-images-idx3-ubyte", TemporaryFiles.Idx([count, height, width], [.. Enumerable.Range(0, count * height * width).Select(pixel)]));
    }
}
