using TinyInference.Converter.Cli;

namespace Converter.Tests.Device;

/// <summary>The verb "device", running in this process until disposed.</summary>
internal sealed class RunningDevice : IDisposable
{
    private readonly CancellationTokenSource _cancellation = new();
    private readonly StringWriter _output = new() { NewLine = "\n" };
    private readonly StringWriter _error = new() { NewLine = "\n" };
    private readonly Task<int> _work;

    public RunningDevice(params string[] args)
    {
        var screen = new Screen(Screen.Plain(TextWriter.Synchronized(_output)), Screen.Plain(TextWriter.Synchronized(_error)), () => Stream.Null, () => Stream.Null);

        // A thread of its own: those of the pool may all be taken by other tests for longer than anybody would wait.
        _work = Task.Factory.StartNew(() => Tool.Run(["device", .. args], screen, _cancellation.Token), default, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        for (int i = 0; i < 1200 && !_output.ToString().Contains('\n'); i++)
        {
            Assert.IsFalse(_work.IsCompleted, _error.ToString());
            Thread.Sleep(50);
        }

        Port = _output.ToString().Trim();
        Assert.AreNotEqual("", Port, "the device announces no port within a minute");
    }

    /// <summary>What it announced.</summary>
    public string Port { get; }

    public void Dispose()
    {
        _cancellation.Cancel();
        Assert.IsTrue(_work.Wait(TimeSpan.FromSeconds(5)), "the device does not end");
        _cancellation.Dispose();
    }
}
