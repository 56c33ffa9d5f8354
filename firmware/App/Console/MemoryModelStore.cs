using System;

namespace TinyInference.Device;

/// <summary>Keeps blobs in memory: on the desktop, and on devices where both fit. A restart brings the first one back.</summary>
public sealed class MemoryModelStore : IModelStore
{
    private byte[] _blob;
    private byte[] _received;
    private int _count;

    /// <param name="blob">The model at start.</param>
    public MemoryModelStore(byte[] blob) => _blob = blob;

    /// <inheritdoc/>
    public Model Load() => Model.Load(_blob);

    /// <inheritdoc/>
    public bool Begin(int length)
    {
        _received = null;
        _count = 0;
        try
        {
            _received = new byte[length];
            return true;
        }
        catch (OutOfMemoryException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Append(byte[] bytes, int offset, int count)
    {
        Array.Copy(bytes, offset, _received, _count, count);
        _count += count;
    }

    /// <inheritdoc/>
    public Model LoadReceived() => Model.Load(_received);

    /// <inheritdoc/>
    public void Keep()
    {
        _blob = _received;
        _received = null;
    }

    /// <inheritdoc/>
    public void Discard() => _received = null;
}
