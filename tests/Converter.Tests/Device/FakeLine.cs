using System.Text;
using TinyInference.Device;

namespace Converter.Tests.Device;

/// <summary>A line without a host: keeps what the console writes.</summary>
internal sealed class FakeLine : IByteChannel
{
    private readonly List<byte> _written = [];

    public int Read(byte[] buffer, int offset, int count) => 0;

    public void Write(byte[] buffer, int offset, int count) => _written.AddRange(buffer.AsSpan(offset, count));

    /// <summary>What was written since the last call.</summary>
    public string Take()
    {
        string text = Encoding.Latin1.GetString([.. _written]);
        _written.Clear();
        return text;
    }
}
