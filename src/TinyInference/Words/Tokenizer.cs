using System;

namespace TinyInference.Words;

/// <summary>
/// Splits UTF-8 text into lower-case words, the same on desktop and device; docs/SPEC.md, "Words", has the rules. Whatever the bytes are, there is a result:
/// what is no valid UTF-8 separates words. Allocates in the constructor only.
/// </summary>
public sealed class Tokenizer
{
    /// <summary>Bytes of the longest word. A longer one is cut and marked: no vocabulary has it.</summary>
    public const int MostBytes = 64;

    private const int Separator = 0;
    private const int Letter = 1;
    private const int Apostrophe = 2;
    private const int LowerCase = 0x20;

    /// <summary>The word that stands for all words which a vocabulary does not have, as texts may hold it.</summary>
    private const string Unknown = "<unk>";

    private readonly byte[] _word = new byte[MostBytes];
    private byte[] _text;
    private int _at;
    private int _end;

    // What Decode found: fields, because a method gives one number only.
    private int _kind;
    private int _size;

    /// <summary>Holds the present word from its front on; not to be changed.</summary>
    public byte[] Word => _word;

    /// <summary>Bytes of the present word.</summary>
    public int Length { get; private set; }

    /// <summary>Whether the present word was longer than <see cref="MostBytes"/> and is cut.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>Where the present word begins in the text, in bytes.</summary>
    public int Begin { get; private set; }

    /// <summary>Where the present word ends in the text, in bytes; the last one is before it.</summary>
    public int End { get; private set; }

    /// <summary>Begins with a text, which must not change until it is done.</summary>
    /// <exception cref="ArgumentException">The range is not inside the array.</exception>
    public void Start(byte[] text, int start, int length)
    {
        if (start < 0 || length < 0 || start > text.Length - length)
        {
            throw new ArgumentException(null, nameof(length));
        }

        _text = text;
        _at = start;
        _end = start + length;
        Length = 0;
    }

    /// <summary>Goes to the next word; false where there is none.</summary>
    public bool Next()
    {
        int at = _at;
        Length = 0;
        IsTooLong = false;
        while (at < _end)
        {
            if (IsUnknown(at))
            {
                Take(at, at + Unknown.Length);
                return true;
            }

            Decode(at);
            if (_kind == Letter)
            {
                Take(at, EndOfWord(at));
                return true;
            }

            at += _size;
        }

        _at = at;
        return false;
    }

    private int EndOfWord(int at)
    {
        while (at < _end)
        {
            Decode(at);
            int size = _size;
            if (_kind == Apostrophe)
            {
                // Part of the word only where the word goes on behind it.
                if (at + size >= _end)
                {
                    return at;
                }

                Decode(at + size);
                if (_kind != Letter)
                {
                    return at;
                }
            }
            else if (_kind != Letter)
            {
                return at;
            }

            at += size;
        }

        return at;
    }

    /// <summary>Copies a word in lower case.</summary>
    private void Take(int begin, int end)
    {
        Begin = begin;
        End = end;
        _at = end;
        byte[] text = _text;
        byte[] word = _word;
        int length = 0;
        for (int i = begin; i < end; i++)
        {
            int b = text[i];
            if (b == 0xE2 && text[i + 1] == 0x80)
            {
                // Of these characters only U+2019, the apostrophe of typesetters, is part of a word.
                b = '\'';
                i += 2;
            }
            else if (b >= 'A' && b <= 'Z')
            {
                b += LowerCase;
            }
            else if (b >= 0x80 && b <= 0x9E && text[i - 1] == 0xC3)
            {
                b += LowerCase;
            }

            if (length == MostBytes)
            {
                IsTooLong = true;
                break;
            }

            word[length++] = (byte)b;
        }

        Length = length;
    }

    private bool IsUnknown(int at)
    {
        if (_text[at] != '<' || _end - at < Unknown.Length)
        {
            return false;
        }

        for (int i = 1; i < Unknown.Length; i++)
        {
            if (_text[at + i] != Unknown[i])
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The character at a position: what it is to words, and how many bytes it has (1 for a byte that is no part of valid UTF-8).</summary>
    private void Decode(int at)
    {
        int b = _text[at];
        _size = 1;
        if (b < 0x80)
        {
            bool isLetter = (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9');
            _kind = isLetter ? Letter : b == '\'' ? Apostrophe : Separator;
            return;
        }

        _kind = Separator;
        int size = b < 0xC2 ? 1 : b < 0xE0 ? 2 : b < 0xF0 ? 3 : b < 0xF5 ? 4 : 1;
        if (size == 1 || at > _end - size)
        {
            return;
        }

        int code = b & (0x7F >> size);
        for (int i = 1; i < size; i++)
        {
            int next = _text[at + i];
            if ((next & 0xC0) != 0x80)
            {
                return;
            }

            code = (code << 6) | (next & 0x3F);
        }

        bool isShortest = size == 2 || (size == 3 && code >= 0x800) || (size == 4 && code >= 0x10000);
        if (!isShortest || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        {
            return;
        }

        _size = size;
        _kind = code == 0x2019 ? Apostrophe : IsLetter(code) ? Letter : Separator;
    }

    /// <summary>Beyond ASCII everything is a letter but the blocks of controls, punctuation and symbols.</summary>
    private static bool IsLetter(int code)
    {
        if (code < 0x100)
        {
            return (code >= 0xC0 && code != 0xD7 && code != 0xF7) || code == 0xAA || code == 0xB5 || code == 0xBA;
        }

        return !((code >= 0x2000 && code <= 0x2BFF) || (code >= 0x3000 && code <= 0x303F) || (code >= 0xD800 && code <= 0xF8FF)
            || (code >= 0xFE00 && code <= 0xFE6F) || (code >= 0xFF00 && code <= 0xFF0F) || code == 0xFEFF || (code >= 0xFFF0 && code <= 0xFFFF) || code >= 0x1F000);
    }
}
