namespace TinyInference.Device;

/// <summary>Collects the text of replies (ASCII) and sends it in pieces: a write for each character would cost a system call.</summary>
public sealed class ReplyWriter
{
    private readonly IByteChannel _channel;
    private readonly byte[] _buffer = new byte[256];
    private int _count;

    /// <param name="channel">Where replies go.</param>
    public ReplyWriter(IByteChannel channel) => _channel = channel;

    /// <summary>Writes text; what is not printable ASCII becomes a question mark.</summary>
    public ReplyWriter Text(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            Put(c >= ' ' && c <= '~' ? (byte)c : (byte)'?');
        }

        return this;
    }

    /// <summary>Writes a decimal number.</summary>
    public ReplyWriter Number(long value) => Text(value.ToString());

    /// <summary>Writes two hexadecimal digits.</summary>
    public ReplyWriter Hex(int value)
    {
        PutDigit((value >> 4) & 15);
        PutDigit(value & 15);
        return this;
    }

    /// <summary>Writes eight hexadecimal digits.</summary>
    public ReplyWriter Hex32(uint value)
    {
        for (int shift = 24; shift >= 0; shift -= 8)
        {
            Hex((int)(value >> shift) & 255);
        }

        return this;
    }

    /// <summary>Ends the line.</summary>
    public void Line()
    {
        Put((byte)'\r');
        Put((byte)'\n');
    }

    /// <summary>Writes a whole line.</summary>
    public void Line(string text)
    {
        Text(text);
        Line();
    }

    /// <summary>Sends what is collected.</summary>
    public void Flush()
    {
        if (_count > 0)
        {
            int count = _count;
            _count = 0;
            _channel.Write(_buffer, 0, count);
        }
    }

    private void PutDigit(int digit) => Put((byte)(digit < 10 ? '0' + digit : 'a' + digit - 10));

    private void Put(byte value)
    {
        if (_count == _buffer.Length)
        {
            Flush();
        }

        _buffer[_count] = value;
        _count++;
    }
}
