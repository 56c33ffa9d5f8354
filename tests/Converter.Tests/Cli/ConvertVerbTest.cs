using TinyInference.Converter.Cli;
using TinyInference.Converter.Graphs;
using Model = TinyInference.Model;
using Metadata = TinyInference.Metadata;

namespace Converter.Tests.Cli;

[TestClass]
public class ConvertVerbTest
{
    [TestMethod]
    public void Dynamic_scales_say_which_operators_have_none()
    {
        using var model = new SmallModel();
        string blob = Path.Combine(model.Folder, "dynamic.tinf");
        ToolRun run = ToolRun.Of("convert", model.Onnx, "--calibration", model.Data, "--dynamic", "-o", blob);
        Assert.AreEqual(ExitCode.Done, run.ExitCode, run.Error);
        StringAssert.Contains(run.Error, "one scale for all inputs stays in: ");
        ToolRun inspect = ToolRun.Of("inspect", blob);
        StringAssert.Contains(inspect.Output, "Dynamic");
        Assert.AreEqual(ExitCode.Done, ToolRun.Of("evaluate", blob, "--data", model.Data).ExitCode);
    }

    [TestMethod]
    public void A_float_model_becomes_a_blob_with_a_summary()
    {
        using var model = new SmallModel();
        string blob = model.PathOf("small.tinf");

        ToolRun run = ToolRun.Of("convert", model.Onnx, "--calibration", model.Data, "--input-scale", "0.00392157", "--name", "tiny", "--task", "classification", "-o", blob);

        Assert.AreEqual(ExitCode.Done, run.ExitCode, run.Error);
        Model loaded = Model.Load(File.ReadAllBytes(blob));
        Assert.AreEqual("tiny", loaded.GetMetadata(Metadata.Name));
        Assert.AreEqual("classification", loaded.GetMetadata(Metadata.Task));
        Assert.AreEqual("data=uint8;scale=0.00392157", loaded.GetMetadata(Metadata.InputPreparation));
        StringAssert.Contains(run.Output, $"-> {loaded.BlobBytes:N0} bytes");
        StringAssert.Contains(run.Output, $"activations {loaded.ArenaBytes:N0}");
        StringAssert.Contains(run.Output, "calibrated with 20 samples");
        Assert.AreEqual("", run.Error);
    }

    [TestMethod]
    public void Without_its_softmax_a_network_gives_as_many_scores()
    {
        using var model = new SmallModel();
        Model with = Model.Load(File.ReadAllBytes(model.Convert()));
        string blob = model.Convert("--no-softmax");
        Model without = Model.Load(File.ReadAllBytes(blob));

        Assert.HasCount(with.Operators.Length - 1, without.Operators);
        Assert.AreNotEqual(TinyInference.OperatorKind.Softmax, without.Operators[^1].Kind);
        Assert.AreEqual(with.Outputs[0].ElementCount, without.Outputs[0].ElementCount);
        Assert.AreEqual(ExitCode.Done, ToolRun.Of("evaluate", blob, "--data", model.Data).ExitCode);
    }

    [TestMethod]
    public void A_softmax_that_is_not_there_is_not_left_out()
    {
        using var model = new SmallModel(graph => FinalSoftmax.Remove(graph));

        ToolRun run = ToolRun.Of("convert", model.Onnx, "--calibration", model.Data, "--no-softmax", "-o", model.PathOf("small.tinf"));

        Assert.AreEqual(ExitCode.Failed, run.ExitCode);
        StringAssert.Contains(run.Error, "has no softmax at its end");
    }

    [TestMethod]
    public void The_same_input_gives_the_same_bytes()
    {
        using var model = new SmallModel();
        byte[] first = File.ReadAllBytes(model.Convert());

        CollectionAssert.AreEqual(first, File.ReadAllBytes(model.Convert()));
    }

    [TestMethod]
    public void Without_names_the_blob_is_smaller_and_computes_the_same()
    {
        using var model = new SmallModel();
        int named = Model.Load(File.ReadAllBytes(model.Convert())).BlobBytes;
        string blob = model.Convert("--strip");
        Model stripped = Model.Load(File.ReadAllBytes(blob));

        Assert.IsTrue(stripped.BlobBytes < named);
        Assert.IsNull(stripped.GetMetadata(Metadata.TensorNames));
        Assert.AreEqual(ExitCode.Done, ToolRun.Of("inspect", blob).ExitCode);
    }

    [TestMethod]
    public void Labels_go_into_the_blob()
    {
        using var model = new SmallModel();
        string labels = model.Write("labels.txt", "cat\ndog\nowl\n");

        string blob = model.Convert("--labels", labels);

        Assert.AreEqual("cat\ndog\nowl", Model.Load(File.ReadAllBytes(blob)).GetMetadata(Metadata.Labels));
    }

    [TestMethod]
    [DataRow("is a float model; give a few hundred typical inputs with --calibration DATA")]
    public void A_float_model_without_calibration_is_refused(string message)
    {
        using var model = new SmallModel();

        Fails(model, message, "convert", model.Onnx, "-o", model.PathOf("x.tinf"));
    }

    [TestMethod]
    public void Labels_that_do_not_match_are_refused()
    {
        using var model = new SmallModel();
        string labels = model.Write("labels.txt", "cat\ndog\n");

        Fails(model, "has 2 names of classes, the network's output", "convert", model.Onnx, "--calibration", model.Data, "--labels", labels, "-o", model.PathOf("x.tinf"));
    }

    [TestMethod]
    public void Data_of_another_shape_are_refused_with_both_shapes()
    {
        using var model = new SmallModel();
        string data = model.Write("other-images-idx3-ubyte", Data.TemporaryFiles.Idx([2, 3, 3], new byte[18]));

        Fails(model, "(3x3x1), but the model takes 120", "convert", model.Onnx, "--calibration", data, "-o", model.PathOf("x.tinf"));
    }

    [TestMethod]
    public void Empty_data_are_refused()
    {
        using var model = new SmallModel();
        string data = model.Write("empty.csv", "");

        Fails(model, "the file is empty", "convert", model.Onnx, "--calibration", data, "-o", model.PathOf("x.tinf"));
    }

    [TestMethod]
    public void Weights_that_are_not_numbers_are_refused()
    {
        using var model = new SmallModel(graph => graph.Nodes.SelectMany(n => n.Inputs).First(v => v is { IsConstant: true, Type: ElementType.Float32 })!.Constant!.Floats[1] = float.NaN);

        Fails(model, "NaN", "convert", model.Onnx, "--calibration", model.Data, "-o", model.PathOf("x.tinf"));
    }

    [TestMethod]
    public void Int8_samples_need_a_meaning()
    {
        using var model = new SmallModel();
        string data = model.Write("raw.bin", new byte[240]);

        Fails(model, "say what they mean with --input-scale and --input-offset", "convert", model.Onnx, "--calibration", data, "-o", model.PathOf("x.tinf"));
    }

    [TestMethod]
    public void An_output_that_cannot_be_written_is_named_before_the_work()
    {
        using var model = new SmallModel();

        Fails(model, "there is no folder", "convert", model.Onnx, "-o", model.PathOf("nowhere/x.tinf"));
        Fails(model, "is a folder, the output needs the name of a file", "convert", model.Onnx, "-o", model.Folder);
    }

    [TestMethod]
    [DataRow("there is no such file", "absent.onnx")]
    [DataRow("the file is empty", "empty")]
    [DataRow("the format is not recognised", "text")]
    public void What_is_no_model_is_refused(string message, string name)
    {
        using var model = new SmallModel();
        model.Write("empty", "");
        model.Write("text", "no model at all");

        Fails(model, message, "convert", model.PathOf(name), "-o", model.PathOf("x.tinf"));
    }

    [TestMethod]
    public void A_failed_conversion_leaves_the_old_blob()
    {
        using var model = new SmallModel();
        string blob = model.Convert();
        byte[] before = File.ReadAllBytes(blob);

        Assert.AreEqual(ExitCode.Failed, ToolRun.Of("convert", model.Onnx, "-o", blob).ExitCode);
        CollectionAssert.AreEqual(before, File.ReadAllBytes(blob));
    }

    [TestMethod]
    public void A_cancelled_conversion_leaves_nothing()
    {
        using var model = new SmallModel();
        string[] before = Directory.GetFiles(model.Folder);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        ToolRun run = ToolRun.At(null, cancelled.Token, "convert", model.Onnx, "--calibration", model.Data, "-o", model.PathOf("x.tinf"));

        Assert.AreEqual(ExitCode.Cancelled, run.ExitCode, run.Error);
        Assert.AreEqual("cancelled\n", run.Error);
        CollectionAssert.AreEqual(before, Directory.GetFiles(model.Folder));
    }

    private static void Fails(SmallModel model, string message, params string[] args)
    {
        string[] before = Directory.GetFiles(model.Folder);

        ToolRun run = ToolRun.Of(args);

        Assert.AreEqual(ExitCode.Failed, run.ExitCode);
        Assert.AreEqual("", run.Output);
        StringAssert.StartsWith(run.Error, "error: ");
        StringAssert.Contains(run.Error, message);
        Assert.IsFalse(run.Error.Contains("internal error"), run.Error);
        CollectionAssert.AreEqual(before, Directory.GetFiles(model.Folder));
    }
}
