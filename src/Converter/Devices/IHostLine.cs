namespace TinyInference.Converter.Devices;

/// <summary>The host's end of a line to a device.</summary>
internal interface IHostLine : IDisposable
{
    /// <summary>Waits for bytes; 0 when none came in time, the wait was cancelled, or the line is gone.</summary>
    int Read(Span<byte> buffer, TimeSpan patience);

    /// <summary>Writes all bytes.</summary>
    void Write(byte[] buffer, int offset, int count);
}
