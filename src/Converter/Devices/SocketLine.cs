using System.Net.Sockets;

namespace TinyInference.Converter.Devices;

/// <summary>A device behind a TCP port: a serial server, or the verb "device --tcp".</summary>
internal sealed class SocketLine : IHostLine
{
    private readonly Socket _socket;
    private readonly CancellationToken _cancellation;

    /// <exception cref="InputException">Nobody answers there.</exception>
    public SocketLine(string host, int port, CancellationToken cancellation)
    {
        _cancellation = cancellation;
        _socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            _socket.ConnectAsync(host, port, cancellation).AsTask().GetAwaiter().GetResult();
        }
        catch (SocketException e)
        {
            _socket.Dispose();
            throw new InputException($"tcp:{host}:{port}: cannot be reached: {e.Message}", e);
        }
    }

    public int Read(Span<byte> buffer, TimeSpan patience)
    {
        const int Slice = 50_000;
        long left = (long)patience.TotalMicroseconds;
        while (left > 0 && !_cancellation.IsCancellationRequested)
        {
            if (_socket.Poll((int)Math.Min(left, Slice), SelectMode.SelectRead))
            {
                return _socket.Receive(buffer);
            }

            left -= Slice;
        }

        return 0;
    }

    public void Write(byte[] buffer, int offset, int count)
    {
        try
        {
            _socket.Send(buffer.AsSpan(offset, count));
        }
        catch (SocketException e)
        {
            throw new InputException($"the device is gone: {e.Message}", e);
        }
    }

    public void Dispose() => _socket.Dispose();
}
