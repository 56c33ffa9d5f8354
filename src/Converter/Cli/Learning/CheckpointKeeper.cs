using System.Diagnostics;
using TinyInference.Converter.Training;

namespace TinyInference.Converter.Cli.Learning;

/// <summary>Keeps the newest checkpoint of a training on disk beside its output, not more often than every few seconds.</summary>
internal sealed class CheckpointKeeper(string output)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(10);

    /// <summary>Null where there is no place beside the output.</summary>
    private readonly string? _path = output.StartsWith("/dev/", StringComparison.Ordinal) ? null : output + ".checkpoint";

    private Checkpoint? _newest;
    private long _lastWrite = Stopwatch.GetTimestamp();
    private bool _written;

    public void Keep(Checkpoint checkpoint)
    {
        _newest = checkpoint;
        if (Stopwatch.GetElapsedTime(_lastWrite) >= s_interval)
        {
            Write();
            _lastWrite = Stopwatch.GetTimestamp();
        }
    }

    /// <summary>Writes the newest checkpoint.</summary>
    /// <returns>Where it is; null without one.</returns>
    public string? Write()
    {
        if (_newest is null || _path is null)
        {
            return null;
        }

        CheckpointFile.Write(_path, _newest);
        _written = true;
        return _path;
    }

    /// <summary>The training is done: the file that this one wrote is of no more use.</summary>
    public void Remove()
    {
        if (_written)
        {
            File.Delete(_path!);
        }
    }
}
