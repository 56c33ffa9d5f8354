namespace TinyInference.Converter.IO;

/// <summary>Output files that appear whole or not at all.</summary>
internal static class AtomicFile
{
    /// <summary>
    /// Writes to a new file in the same folder, which then takes the place of <paramref name="path"/>. When anything fails, cancellation
    /// too, the new file is removed and an older one at <paramref name="path"/> stays as it was. A symbolic link stays, what it points at
    /// is replaced; a device (/dev/stdout) is written as it is.
    /// </summary>
    /// <exception cref="InputException">The file cannot be written.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        string? temporary = null;
        try
        {
            string full = Path.GetFullPath(path);
            if (Directory.Exists(full))
            {
                throw new InputException($"{path}: is a folder; name a file to write");
            }

            if (path.StartsWith("/dev/", StringComparison.Ordinal))
            {
                using var device = new FileStream(path, FileMode.Open, FileAccess.Write);
                write(device);
                return;
            }

            if (File.Exists(full))
            {
                full = File.ResolveLinkTarget(full, returnFinalTarget: true)?.FullName ?? full;
            }

            temporary = Path.Combine(Path.GetDirectoryName(full)!, $".{Path.GetFileName(full)}.{Environment.ProcessId}.tmp");
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                write(stream);
            }

            File.Move(temporary, full, overwrite: true);
            temporary = null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new InputException($"{path}: cannot be written: {Reason(e)}", e);
        }
        finally
        {
            Remove(temporary);
        }
    }

    /// <summary>The message without the path of the file that is written, which may be a temporary one.</summary>
    private static string Reason(Exception e)
    {
        int path = e.Message.IndexOf(" : '", StringComparison.Ordinal);
        return path < 0 ? e.Message : e.Message[..path];
    }

    private static void Remove(string? temporary)
    {
        try
        {
            if (temporary is not null)
            {
                File.Delete(temporary);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The error that led here says more than that its remains could not be removed.
        }
    }
}
