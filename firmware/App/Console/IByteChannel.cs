namespace TinyInference.Device;

/// <summary>A line to the host: a serial port, a pseudo-terminal, a socket.</summary>
public interface IByteChannel
{
    /// <summary>
    /// Reads at least one byte to <paramref name="buffer"/> and returns how many; 0 only when the line is closed for good.
    /// </summary>
    int Read(byte[] buffer, int offset, int count);

    /// <summary>Writes all bytes, waiting as long as that takes.</summary>
    void Write(byte[] buffer, int offset, int count);
}
