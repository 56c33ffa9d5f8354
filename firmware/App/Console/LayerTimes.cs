namespace TinyInference.Device;

/// <summary>What each operator of one run took, in microseconds.</summary>
internal sealed class LayerTimes : IOperatorObserver
{
    private readonly long[] _microseconds;
    private readonly IClock _clock;
    private long _start;

    internal LayerTimes(int operators, IClock clock)
    {
        _microseconds = new long[operators];
        _clock = clock;
    }

    internal long[] Microseconds => _microseconds;

    /// <inheritdoc/>
    public void Starting(Operator op) => _start = _clock.Microseconds;

    /// <inheritdoc/>
    public void Finished(Operator op) => _microseconds[op.Index] = _clock.Microseconds - _start;
}
