namespace TinyInference;

/// <summary>CRC-32 as in zip and PNG (ISO-HDLC), four bits at a time: a table of 16 instead of 256 entries.</summary>
public sealed class Crc32
{
    private static readonly uint[] s_table =
    {
        0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4, 0x4DB26158, 0x5005713C,
        0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C, 0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C,
    };

    private uint _state = 0xFFFFFFFF;

    /// <summary>The checksum of all bytes added so far.</summary>
    public uint Value => ~_state;

    /// <summary>Adds <paramref name="count"/> bytes from <paramref name="offset"/> on.</summary>
    public void Add(byte[] bytes, int offset, int count)
    {
        uint[] table = s_table;
        uint state = _state;
        int end = offset + count;
        for (int i = offset; i < end; i++)
        {
            state ^= bytes[i];
            state = (state >> 4) ^ table[(int)(state & 15)];
            state = (state >> 4) ^ table[(int)(state & 15)];
        }

        _state = state;
    }
}
