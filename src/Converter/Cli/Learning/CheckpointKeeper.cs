using System.Diagnostics;
using TinyInference.Converter.Training;

namespace TinyInference.Converter.Cli.Learning;

/// <summary>
/// Keeps the newest checkpoint of a training on disk beside its output, not more often than every few seconds. Where the disk has no room for it the training goes on without:
/// its result may still fit.
/// </summary>
/// <param name="warn">Told once when a checkpoint cannot be written.</param>
internal sealed class CheckpointKeeper(string output, Action<string> warn)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(10);

    /// <summary>Null where there is no place beside the output.</summary>
    private readonly string? _path = output.StartsWith("/dev/", StringComparison.Ordinal) ? null : output + ".checkpoint";

    private Checkpoint? _newest;
    private long _lastWrite = Stopwatch.GetTimestamp();
    private bool _fails;

    /// <summary>What is on disk: the checkpoint's file and the epochs that it has behind it; null without one.</summary>
    public (string Path, int Epochs)? Written { get; private set; }

    public void Keep(Checkpoint checkpoint)
    {
        _newest = checkpoint;
        if (!_fails && Stopwatch.GetElapsedTime(_lastWrite) >= s_interval)
        {
            Write();
            _lastWrite = Stopwatch.GetTimestamp();
        }
    }

    /// <summary>Writes the newest checkpoint.</summary>
    public void Write()
    {
        if (_newest is null || _path is null)
        {
            return;
        }

        try
        {
            CheckpointFile.Write(_path, _newest);
            Written = (_path, _newest.Epochs);
        }
        catch (InputException e)
        {
            _fails = true;
            warn($"{e.Message}; there is no checkpoint to go on from");
        }
    }

    /// <summary>The training is done: the file that this one wrote is of no more use.</summary>
    public void Remove()
    {
        if (Written is { } checkpoint)
        {
            File.Delete(checkpoint.Path);
        }
    }
}
