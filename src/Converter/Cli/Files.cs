using TinyInference.Converter.IO;

namespace TinyInference.Converter.Cli;

/// <summary>Files by the names that the user gave, with messages that say which and why not.</summary>
internal static class Files
{
    /// <summary>All bytes of a file.</summary>
    /// <exception cref="InputException">It is absent, a folder, unreadable, or longer than <paramref name="most"/> bytes.</exception>
    public static byte[] Read(string path, long most)
    {
        if (Directory.Exists(path))
        {
            throw new InputException($"{path}: is a folder, a file is needed");
        }

        try
        {
            using FileStream stream = File.OpenRead(path);
            return stream.CanSeek && stream.Length > most
                ? throw new InputException($"{path}: has {stream.Length:N0} bytes; at most {most:N0} can be used")
                : Read(stream, path, most);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputException($"{path}: there is no such file", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new InputException($"{path}: cannot be read: {Reason(e, path)}", e);
        }
    }

    /// <summary>All bytes of a stream; one that goes on beyond <paramref name="most"/> (a device) is refused there.</summary>
    public static byte[] Read(Stream stream, string name, long most)
    {
        using var bytes = new MemoryStream();
        byte[] buffer = new byte[1 << 16];
        for (int read = stream.Read(buffer); read > 0; read = stream.Read(buffer))
        {
            bytes.Write(buffer, 0, read);
            if (bytes.Length > most)
            {
                throw new InputException($"{name}: has more than {most:N0} bytes");
            }
        }

        return bytes.ToArray();
    }

    /// <summary>Writes a file whole or not at all.</summary>
    /// <exception cref="InputException">It cannot be written there.</exception>
    public static void Write(string path, byte[] bytes, CancellationToken cancellation) => AtomicFile.Write(path, stream =>
    {
        stream.Write(bytes);
        cancellation.ThrowIfCancellationRequested();
    });

    /// <summary>Says before long work, and not after it, that <paramref name="path"/> cannot be the output.</summary>
    /// <exception cref="InputException">It is a folder, or the folder it would be in does not exist.</exception>
    public static void CheckWritable(string path)
    {
        if (path.Length == 0 || Directory.Exists(path))
        {
            throw new InputException(path.Length == 0 ? "the output has an empty name" : $"{path}: is a folder, the output needs the name of a file");
        }

        string? folder = Path.GetDirectoryName(Path.GetFullPath(path));
        if (folder is not null && !Directory.Exists(folder))
        {
            throw new InputException($"{path}: cannot be written: there is no folder {folder}");
        }
    }

    /// <summary>The message without the path, which stands before it already.</summary>
    private static string Reason(Exception e, string path)
    {
        string message = e is UnauthorizedAccessException ? "no permission" : e.Message;
        return message.Replace($" : '{Path.GetFullPath(path)}'", "", StringComparison.Ordinal).TrimEnd('.');
    }
}
