namespace TinyInference.Device;

/// <summary>A clock that only goes forward.</summary>
public interface IClock
{
    /// <summary>Microseconds since any fixed moment.</summary>
    long Microseconds { get; }
}
