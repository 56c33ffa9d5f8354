namespace TinyInference.Device;

/// <summary>How much memory there is; -1 where the platform does not tell.</summary>
public interface IHeap
{
    /// <summary>Bytes that objects can still take, after collecting what is unused.</summary>
    long FreeBytes { get; }

    /// <summary>The largest array that can still be allocated, in bytes.</summary>
    long LargestBlock { get; }
}
