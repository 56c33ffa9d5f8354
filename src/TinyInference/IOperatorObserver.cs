namespace TinyInference;

/// <summary>
/// Is told when operators start and finish. The runtime has no clock: who wants times reads one here.
/// </summary>
public interface IOperatorObserver
{
    /// <summary>Operator <paramref name="op"/> is about to run.</summary>
    void Starting(Operator op);

    /// <summary>Operator <paramref name="op"/> has run; its outputs are in the arena until a later operator reuses their bytes.</summary>
    void Finished(Operator op);
}
