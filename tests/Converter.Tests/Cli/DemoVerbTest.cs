using TinyInference.Converter.Cli;

namespace Converter.Tests.Cli;

[TestClass]
public class DemoVerbTest
{
    [TestMethod]
    public void The_main_job_runs_from_network_to_result()
    {
        using var model = new SmallModel();
        File.Copy(model.Onnx, model.PathOf(DemoVerb.ModelName));
        byte[] pixels = new byte[4 * 120];
        new Random(2).NextBytes(pixels);
        byte[] samples = Data.TemporaryFiles.Zip(
            ("x.npy", Data.TemporaryFiles.Npy("<f4", "4, 12, 10", Data.TemporaryFiles.Floats([.. pixels.Select(p => p / 255f)]))),
            ("y.npy", Data.TemporaryFiles.Npy("|u1", "4,", [0, 1, 2, 0])));
        model.Write(DemoVerb.CalibrationName, samples);
        model.Write(DemoVerb.TestName, samples);
        using var output = new StringWriter();
        using var error = new StringWriter();
        var screen = new Screen(Screen.Plain(output), Screen.Plain(error), () => Stream.Null, () => Stream.Null);

        int code = DemoVerb.Run(model.Folder, screen, CancellationToken.None);

        Assert.AreEqual(ExitCode.Done, code, error.ToString());
        StringAssert.Contains(output.ToString(), "$ tinyinference convert model.onnx --calibration calibration-images-idx3-ubyte -o demo.tinf");
        Assert.AreEqual(2, output.ToString().Split("accuracy: ").Length - 1);

        // From sound to words to a command, with what the repository carries.
        StringAssert.Contains(output.ToString(), "$ tinyinference listen clean-kitchen.wav --keywords keywords.tinf --commands commands.tinf");
        StringAssert.Contains(output.ToString(), " > clean kitchen: vacuum_clean  room: kitchen");
    }
}
