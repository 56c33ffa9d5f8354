using System.Text;

namespace TinyInference.Converter.Commands;

/// <summary>UTF-8 text, line by line.</summary>
internal static class TextLines
{
    /// <summary>Bytes of a line: more is no text.</summary>
    private const int MostBytes = 1 << 20;

    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Numbers, from 1, and lines without their ends.</summary>
    /// <exception cref="InputException">A line is not UTF-8, or too long.</exception>
    public static IEnumerable<(int Number, string Line)> Of(string name, byte[] bytes)
    {
        int at = bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
        for (int number = 1; at < bytes.Length; number++)
        {
            int length = bytes.AsSpan(at).IndexOf((byte)'\n');
            length = length < 0 ? bytes.Length - at : length;
            yield return (number, Decode(bytes.AsSpan(at, length), $"{name}, line {number}"));
            at += length + 1;
        }
    }

    private static string Decode(ReadOnlySpan<byte> line, string where)
    {
        if (line.Length > MostBytes)
        {
            throw new InputException($"{where}: has {line.Length:N0} bytes; at most {MostBytes:N0} can be used");
        }

        try
        {
            return s_strict.GetString(line).TrimEnd('\r');
        }
        catch (DecoderFallbackException e)
        {
            throw new InputException($"{where}: is not UTF-8 text", e);
        }
    }
}
