namespace TinyInference.Device;

/// <summary>
/// Receives a new blob: "swap load N CRC", then "swap HH..." until N bytes have come. The checksum is that of all N bytes, so that a byte
/// lost or changed on the line is found before anything is loaded.
/// </summary>
internal sealed class Swap
{
    private readonly IModelStore _store;
    private readonly HexBytes _hex = new();
    private Crc32 _crc;
    private int _expected;
    private int _received;
    private uint _checksum;

    internal Swap(IModelStore store) => _store = store;

    /// <summary>Runs one command.</summary>
    /// <returns>Whether a whole blob with the right checksum is in the store now: load it.</returns>
    internal bool Run(HostCommand command, ReplyWriter reply)
    {
        string word = command.NextWord();
        if (word is null)
        {
            reply.Line("e-[Command 'swap' requires a subcommand]");
            return false;
        }

        if (word == "load")
        {
            Begin(command.NextWord(), command.NextWord(), reply);
            return false;
        }

        return Append(word, reply);
    }

    private void Begin(string lengthWord, string checksumWord, ReplyWriter reply)
    {
        Forget();
        if (lengthWord is null || checksumWord is null || !Numbers.TryHex32(checksumWord, out _checksum))
        {
            reply.Line("e-[Command 'swap load' requires the # of bytes and their CRC-32 in 8 hex digits]");
            return;
        }

        int length = Numbers.Leading(lengthWord);
        if (length <= 0)
        {
            reply.Line("e-[Command 'swap load' must be >0 bytes]");
        }
        else if (!_store.Begin(length))
        {
            reply.Text("e-[No room for ").Number(length).Line(" bytes]");
        }
        else
        {
            _expected = length;
            _crc = new Crc32();
            reply.Text("m-[Expecting ").Number(length).Line(" bytes]");
        }
    }

    private bool Append(string word, ReplyWriter reply)
    {
        int count = _hex.Read(word, reply);
        if (count < 0)
        {
            return false;
        }

        if (_expected == 0)
        {
            reply.Line("e-[Command 'swap load' must come before the bytes]");
            return false;
        }

        if (count > _expected - _received)
        {
            reply.Line("e-[More bytes than stated; the old model stays]");
            Abandon();
            return false;
        }

        _store.Append(_hex.Bytes, 0, count);
        _crc.Add(_hex.Bytes, 0, count);
        _received += count;
        if (_received < _expected)
        {
            return false;
        }

        bool isWhole = _crc.Value == _checksum;
        if (!isWhole)
        {
            reply.Text("e-[Checksum is ").Hex32(_crc.Value).Line("; the old model stays]");
            _store.Discard();
        }

        Forget();
        return isWhole;
    }

    private void Abandon()
    {
        _store.Discard();
        Forget();
    }

    private void Forget()
    {
        _expected = 0;
        _received = 0;
        _crc = null;
    }
}
