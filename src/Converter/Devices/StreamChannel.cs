using TinyInference.Device;

namespace TinyInference.Converter.Devices;

/// <summary>A line over two streams: standard input and output, or a socket's one stream twice.</summary>
internal sealed class StreamChannel(Stream input, Stream output, CancellationToken cancellation) : IByteChannel
{
    public int Read(byte[] buffer, int offset, int count)
    {
        try
        {
            return input.ReadAsync(buffer.AsMemory(offset, count), cancellation).AsTask().GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The other side is gone: the line is closed.
            return 0;
        }
    }

    public void Write(byte[] buffer, int offset, int count)
    {
        try
        {
            output.Write(buffer, offset, count);
            output.Flush();
        }
        catch (IOException)
        {
            // Likewise: the next read says so.
        }
    }
}
