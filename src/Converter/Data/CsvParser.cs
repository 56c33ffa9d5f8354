using System.Text;

namespace TinyInference.Converter.Data;

/// <summary>Rows of text fields apart by a comma, semicolon or tab, quoted as RFC 4180 has it.</summary>
internal sealed class CsvParser
{
    private static readonly char[] s_delimiters = [',', '\t', ';'];

    private readonly string _text;
    private readonly string _name;
    private int _position;
    private int _line = 1;

    /// <param name="bytes">UTF-8, with or without byte order mark.</param>
    /// <param name="name">For messages.</param>
    public CsvParser(byte[] bytes, string name)
    {
        _text = Encoding.UTF8.GetString(bytes);
        _name = name;
        _position = _text.StartsWith('\uFEFF') ? 1 : 0;
        Delimiter = FindDelimiter(_text);
    }

    public char Delimiter { get; }

    /// <summary>Line on which the row read last begins, from 1.</summary>
    public int Row { get; private set; }

    /// <summary>Reads the next row that is not blank. Spaces around a field do not count.</summary>
    /// <param name="fields">Cleared, then filled.</param>
    /// <returns>False at the end.</returns>
    /// <exception cref="InputException">A quoted field does not end.</exception>
    public bool Read(List<string> fields)
    {
        while (_position < _text.Length)
        {
            fields.Clear();
            Row = _line;
            ReadRow(fields);
            if (fields.Count > 1 || fields[0].Length > 0)
            {
                return true;
            }
        }

        return false;
    }

    private void ReadRow(List<string> fields)
    {
        while (true)
        {
            fields.Add(ReadField());
            if (_position >= _text.Length)
            {
                return;
            }

            char end = _text[_position++];
            if (end == Delimiter)
            {
                continue;
            }

            if (end == '\r' && _position < _text.Length && _text[_position] == '\n')
            {
                _position++;
            }

            _line++;
            return;
        }
    }

    /// <summary>Ends before a delimiter, the end of the line or of the text.</summary>
    private string ReadField()
    {
        while (_position < _text.Length && _text[_position] == ' ')
        {
            _position++;
        }

        if (_position < _text.Length && _text[_position] == '"')
        {
            return ReadQuoted();
        }

        int start = _position;
        while (_position < _text.Length && !IsEnd(_text[_position]))
        {
            _position++;
        }

        return _text[start.._position].TrimEnd(' ');
    }

    private string ReadQuoted()
    {
        var field = new StringBuilder();
        _position++;
        while (_position < _text.Length)
        {
            char c = _text[_position++];
            if (c == '"')
            {
                if (_position < _text.Length && _text[_position] == '"')
                {
                    _position++;
                }
                else
                {
                    // What stands between the closing quote and the delimiter belongs to the field too.
                    while (_position < _text.Length && !IsEnd(_text[_position]))
                    {
                        field.Append(_text[_position++]);
                    }

                    return field.ToString().Trim(' ');
                }
            }
            else if (c == '\n')
            {
                _line++;
            }

            field.Append(c);
        }

        throw new InputException($"{_name}, row {Row}: a quoted field does not end; add the closing quote, or the file is truncated");
    }

    private bool IsEnd(char c) => c == Delimiter || c is '\n' or '\r';

    /// <summary>The one that stands most often in the first line outside quotes.</summary>
    private static char FindDelimiter(string text)
    {
        var counts = new int[s_delimiters.Length];
        bool quoted = false;
        bool any = false;
        foreach (char c in text)
        {
            quoted ^= c == '"';
            if (c is '\n' or '\r' && !quoted && any)
            {
                break;
            }

            any |= !char.IsWhiteSpace(c);
            int index = quoted ? -1 : Array.IndexOf(s_delimiters, c);
            if (index >= 0)
            {
                counts[index]++;
            }
        }

        return s_delimiters[Array.IndexOf(counts, counts.Max())];
    }
}
