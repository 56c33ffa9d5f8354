namespace TinyInference.Device;

/// <summary>
/// Collects the bytes of one command, up to '%', and takes it apart into words. Bytes that are no printable ASCII separate words as spaces
/// do, so that line ends and noise on the line before a command do no harm.
/// </summary>
public sealed class HostCommand
{
    /// <summary>The most characters of a command, without the '%'.</summary>
    public const int MostCharacters = 80;

    private const byte Terminator = (byte)'%';

    private readonly byte[] _characters = new byte[MostCharacters];
    private int _count;
    private int _next;

    /// <summary>Characters came beyond the limit; they are dropped.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>The bytes that came, from the front on; not to be changed.</summary>
    public byte[] Characters => _characters;

    /// <summary>How many came.</summary>
    public int Count => _count;

    /// <summary>Where the words begin that have not been read yet.</summary>
    public int Next => _next;

    /// <summary>Takes the next byte from the line.</summary>
    /// <returns>Whether it ended the command: then read its words, and <see cref="Clear"/>.</returns>
    public bool Add(byte value)
    {
        if (value == Terminator)
        {
            return true;
        }

        if (_count == MostCharacters)
        {
            IsTooLong = true;
            return false;
        }

        _characters[_count] = value;
        _count++;
        return false;
    }

    /// <summary>Makes ready for the next command.</summary>
    public void Clear()
    {
        _count = 0;
        _next = 0;
        IsTooLong = false;
    }

    /// <summary>The next word, or null when there is none.</summary>
    public string NextWord()
    {
        int start = _next;
        while (start < _count && !IsOfWord(_characters[start]))
        {
            start++;
        }

        int end = start;
        while (end < _count && IsOfWord(_characters[end]))
        {
            end++;
        }

        _next = end;
        return start == end ? null : Text(start, end);
    }

    /// <summary>Some of the bytes, each as a character.</summary>
    /// <param name="start">The first one.</param>
    /// <param name="end">Behind the last one.</param>
    public string Text(int start, int end)
    {
        var text = new char[end - start];
        for (int i = start; i < end; i++)
        {
            text[i - start] = (char)_characters[i];
        }

        return new string(text);
    }

    private static bool IsOfWord(byte value) => value > (byte)' ' && value <= (byte)'~';
}
