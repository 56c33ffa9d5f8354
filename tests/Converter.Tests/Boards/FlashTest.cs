using Converter.Tests.Cli;
using Converter.Tests.Data;
using Converter.Tests.Device;
using TinyInference;

namespace Converter.Tests.Boards;

/// <summary>The verb flash, with a stand-in for nanoff that records how it is called and fails as the real one does.</summary>
[TestClass]
public class FlashTest
{
    [TestMethod]
    public void A_dry_run_prints_the_commands_and_writes_nothing()
    {
        using var files = new FlashFiles();

        ToolRun run = ToolRun.Of("flash", "--board", "esp32-wroom-32", "--port", "/dev/ttyUSB0", files.Blob, "--dry-run");

        Assert.AreEqual(0, run.ExitCode, run.Error);
        string[] lines = run.Output.Split('\n');
        Assert.AreEqual("nanoff --target ESP32_REV3 --serialport /dev/ttyUSB0 --update", lines[0]);
        Assert.AreEqual("nanoff --target ESP32_REV3 --serialport /dev/ttyUSB0 --deploy --image firmware/App/bin/Release/TinyInference.App.bin", lines[1].Replace('\\', '/'));
        Assert.AreEqual($"nanoff --filedeployment {files.Deployment}", lines[2]);
        StringAssert.Contains(run.Output, "\"DestinationFilePath\": \"I:\\\\model.tinf\"");
        Assert.IsFalse(File.Exists(files.Deployment));
    }

    [TestMethod]
    public void Nanoff_is_called_step_by_step_and_the_board_is_asked()
    {
        SkipOnWindows();
        using var files = new FlashFiles();
        using var device = new RunningDevice(files.Blob, "--pty");

        ToolRun run = files.Flash("", "--console", device.Port);

        Assert.AreEqual(0, run.ExitCode, run.Error);
        StringAssert.Contains(run.Output, $"verified: the board runs model {Model.Load(File.ReadAllBytes(files.Blob)).Checksum:x8}");
        CollectionAssert.AreEqual(
            new[]
            {
                "--target ESP32_C3 --serialport P --update",
                $"--target ESP32_C3 --serialport P --deploy --image {files.Application}",
                $"--filedeployment {files.Deployment}",
            },
            File.ReadAllLines(files.Log));
        StringAssert.Contains(run.Error, "working on it");
        StringAssert.Contains(File.ReadAllText(files.Deployment), "\"SerialPort\": \"P\"");
    }

    [TestMethod]
    public void Another_model_on_the_board_is_found()
    {
        SkipOnWindows();
        using var files = new FlashFiles();
        using var device = new RunningDevice(files.OtherBlob, "--pty");

        ToolRun run = files.Flash("", "--console", device.Port, "--keep-firmware");

        Assert.AreEqual(1, run.ExitCode);
        StringAssert.Contains(run.Error, "the board runs a model with the checksum");
        Assert.HasCount(2, File.ReadAllLines(files.Log));
    }

    [TestMethod]
    [DataRow("E2000", "the board's firmware does not answer")]
    [DataRow("E2003", "could not be written to the board's storage")]
    [DataRow("E4000", "the chip does not answer")]
    [DataRow("E4001", "flash is smaller")]
    [DataRow("E4005", "the serial port cannot be opened")]
    [DataRow("E6000", "the serial port cannot be opened")]
    [DataRow("E7000", "the chip is not the board's")]
    [DataRow("E9005", "nanoff knows no firmware of that target")]
    [DataRow("E9007", "could not be downloaded")]
    [DataRow("E9008", "the application's image is missing")]
    [DataRow("E9010", "no device is connected")]
    [DataRow("", "see the lines above")]
    public void Each_failure_is_explained(string code, string advice)
    {
        SkipOnWindows();
        using var files = new FlashFiles();

        ToolRun run = files.Flash($"echo 'Error {code}: something' >&2; exit 3");

        Assert.AreEqual(1, run.ExitCode);
        StringAssert.Contains(run.Error, advice);
        StringAssert.Contains(run.Error, "something");
        Assert.HasCount(1, File.ReadAllLines(files.Log));
    }

    [TestMethod]
    public void What_is_missing_is_named()
    {
        SkipOnWindows();
        using var files = new FlashFiles();

        StringAssert.Contains(ToolRun.Of("flash", "--board", "esp32-c3", "--port", "P", files.Blob, "--nanoff", "/none").Error, "--nanoff /none: there is no such file");
        File.Delete(files.Application);
        StringAssert.Contains(files.Flash("").Error, "build firmware/App");
    }

    private static void SkipOnWindows()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Inconclusive("skipped: the stand-in for nanoff is a shell script");
        }
    }

    private sealed class FlashFiles : IDisposable
    {
        private readonly TemporaryFiles _files = new();

        public FlashFiles()
        {
            Blob = _files.Write("model.tinf", TinyBlob.Create(1));
            OtherBlob = _files.Write("other.tinf", TinyBlob.Create(2));
            Application = _files.Write("app.bin", [1]);
        }

        public string Blob { get; }

        public string OtherBlob { get; }

        public string Application { get; }

        public string Deployment => Blob + ".deploy.json";

        public string Log => Path.Combine(_files.Folder, "calls.txt");

        /// <param name="ending">Of the stand-in's script.</param>
        /// <param name="options">Further ones.</param>
        public ToolRun Flash(string ending, params string[] options)
        {
            string nanoff = _files.Write("nanoff", System.Text.Encoding.UTF8.GetBytes($"#!/bin/sh\necho \"$*\" >> '{Log}'\necho working on it\n{ending}\n"));
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(nanoff, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            return ToolRun.Of(["flash", "--board", "esp32-c3", "--port", "P", Blob, "--app", Application, "--nanoff", nanoff, .. options]);
        }

        public void Dispose() => _files.Dispose();
    }
}
