namespace TinyInference.Device;

/// <summary>Bytes as hexadecimal digits, as "db" and "swap" send them.</summary>
internal sealed class HexBytes
{
    private readonly byte[] _bytes = new byte[HostCommand.MostCharacters / 2];

    /// <summary>The bytes of the last word that was read.</summary>
    internal byte[] Bytes => _bytes;

    /// <summary>Reads a word; complains in a line of its own where it is no even number of digits.</summary>
    /// <returns>The number of bytes, or -1 after a complaint.</returns>
    internal int Read(string word, ReplyWriter reply)
    {
        if ((word.Length & 1) != 0)
        {
            reply.Line("e-[Insufficent number of hex digits]");
            return -1;
        }

        for (int i = 0; i < word.Length; i += 2)
        {
            int high = Numbers.HexDigit(word[i]);
            int low = Numbers.HexDigit(word[i + 1]);
            if (high < 0 || low < 0)
            {
                reply.Text("e-[Invalid hex digit '").Text(word.Substring(i, 2)).Line("']");
                return -1;
            }

            _bytes[i >> 1] = (byte)((high << 4) | low);
        }

        return word.Length >> 1;
    }
}
