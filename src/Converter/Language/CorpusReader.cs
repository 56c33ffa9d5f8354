using System.Text;
using System.Text.Unicode;
using TinyInference.Converter.Data;
using TinyInference.Words;

namespace TinyInference.Converter.Language;

/// <summary>Takes a word of a corpus as the tokenizer has it, in lower case; empty for one that is too long for any vocabulary.</summary>
internal delegate void WordHandler(ReadOnlySpan<char> word);

/// <summary>Reads text, one sentence a line, in pieces: files may be larger than memory. What ends in gzip's way is unpacked, up to 1 GB.</summary>
internal static class CorpusReader
{
    /// <summary>Bytes of a line that are taken at once; of a longer line its words are found piece by piece.</summary>
    private const int MostBytes = 1 << 20;

    /// <param name="word">Told every word.</param>
    /// <param name="endOfLine">Told the end of every line, of empty ones too.</param>
    /// <exception cref="InputException">The file cannot be read, is damaged, or is not UTF-8.</exception>
    public static void Read(string path, WordHandler word, Action endOfLine, CancellationToken cancellation)
    {
        using Stream stream = Open(path);
        var buffer = new byte[MostBytes];
        var lines = new LineReader(path, word);
        int filled = 0;
        bool isInLine = false;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            int read = Fill(stream, buffer, filled, path);
            filled += read;
            int start = 0;
            for (int end; (end = buffer.AsSpan(start, filled - start).IndexOf((byte)'\n')) >= 0; start += end + 1)
            {
                lines.Words(buffer, start, end);
                lines.Number++;
                endOfLine();
                isInLine = false;
            }

            if (read == 0 || (start == 0 && filled == buffer.Length))
            {
                int count = read == 0 ? filled - start : WholeWords(buffer);
                lines.Words(buffer, start, count);
                isInLine |= count > 0;
                start += count;
            }

            buffer.AsSpan(start, filled - start).CopyTo(buffer);
            filled -= start;
            if (read == 0)
            {
                break;
            }
        }

        if (isInLine)
        {
            endOfLine();
        }
    }

    private static Stream Open(string path)
    {
        try
        {
            FileStream file = File.OpenRead(path);
            bool isPacked = file.Length >= 18 && file.ReadByte() == 0x1F && file.ReadByte() == 0x8B;
            if (isPacked)
            {
                file.Dispose();
                return new MemoryStream(InputBytes.ReadFile(path));
            }

            file.Position = 0;
            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new InputException($"{path}: cannot be read: {e.Message}", e);
        }
    }

    private static int Fill(Stream stream, byte[] buffer, int filled, string path)
    {
        try
        {
            return stream.Read(buffer, filled, buffer.Length - filled);
        }
        catch (IOException e)
        {
            throw new InputException($"{path}: cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The bytes up to the last space; of one endless word, up to the end of a character.</summary>
    private static int WholeWords(byte[] buffer)
    {
        int space = buffer.AsSpan().LastIndexOfAny((byte)' ', (byte)'\t');
        if (space > 0)
        {
            return space;
        }

        int end = buffer.Length - 1;
        while (end > buffer.Length - 4 && (buffer[end] & 0xC0) == 0x80)
        {
            end--;
        }

        return end;
    }

    /// <summary>Splits lines into words.</summary>
    private sealed class LineReader(string path, WordHandler word)
    {
        private readonly Tokenizer _tokenizer = new();
        private readonly char[] _characters = new char[Tokenizer.MostBytes];

        /// <summary>From 1.</summary>
        public long Number { get; set; } = 1;

        public void Words(byte[] buffer, int start, int count)
        {
            if (!Utf8.IsValid(buffer.AsSpan(start, count)))
            {
                throw new InputException($"{path}: line {Number:N0} is not UTF-8; convert the text first, as with iconv -t utf-8");
            }

            _tokenizer.Start(buffer, start, count);
            while (_tokenizer.Next())
            {
                int length = _tokenizer.IsTooLong ? 0 : Encoding.UTF8.GetChars(_tokenizer.Word, 0, _tokenizer.Length, _characters, 0);
                word(_characters.AsSpan(0, length));
            }
        }
    }
}
