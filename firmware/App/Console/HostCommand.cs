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
        if (start == end)
        {
            return null;
        }

        var word = new char[end - start];
        for (int i = start; i < end; i++)
        {
            word[i - start] = (char)_characters[i];
        }

        return new string(word);
    }

    private static bool IsOfWord(byte value) => value > (byte)' ' && value <= (byte)'~';
}
