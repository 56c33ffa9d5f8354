using System.IO.Ports;
using System.Threading;
using nanoFramework.Hardware.Esp32;
using TinyInference.Device;

namespace TinyInference.App;

/// <summary>The console's line: a UART of the chip, 115200 8N1.</summary>
internal sealed class SerialChannel : IByteChannel
{
    private const int IdleMilliseconds = 2;

    private readonly SerialPort _port;

    /// <summary>Opens COM2 on two pins; COM1 is the debugger's.</summary>
    internal SerialChannel(int txPin, int rxPin)
    {
        Configuration.SetPinFunction(txPin, DeviceFunction.COM2_TX);
        Configuration.SetPinFunction(rxPin, DeviceFunction.COM2_RX);
        _port = new SerialPort("COM2", 115200, Parity.None, 8, StopBits.One);

        // A whole command comes while an inference runs.
        _port.ReadBufferSize = 1024;
        _port.Open();
    }

    /// <inheritdoc/>
    public int Read(byte[] buffer, int offset, int count)
    {
        int available = _port.BytesToRead;
        while (available == 0)
        {
            Thread.Sleep(IdleMilliseconds);
            available = _port.BytesToRead;
        }

        return _port.Read(buffer, offset, available < count ? available : count);
    }

    /// <inheritdoc/>
    public void Write(byte[] buffer, int offset, int count) => _port.Write(buffer, offset, count);
}
