using System.IO.Compression;

namespace TinyInference.Converter.Data;

/// <summary>The files of a folder or a zip file, one sample each.</summary>
internal sealed class SampleFiles : IDisposable
{
    private readonly ZipArchive? _archive;

    private SampleFiles(IEnumerable<Item> items, ZipArchive? archive)
    {
        Items = [.. items
            .Where(item => !item.Path.Split('/').Any(part => part is "__MACOSX" || part.StartsWith('.')))
            .OrderBy(item => item.Path, StringComparer.Ordinal)];
        _archive = archive;
    }

    /// <summary>One file.</summary>
    /// <param name="Path">Inside the folder or zip file, with <c>/</c>.</param>
    /// <param name="Read">The contents; not from several threads at once.</param>
    public sealed record Item(string Path, Func<byte[]> Read);

    /// <summary>Sorted by path, without hidden files and those that macOS adds.</summary>
    public IReadOnlyList<Item> Items { get; }

    public static SampleFiles FromFolder(string folder)
    {
        try
        {
            var files = Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 8 });
            return new SampleFiles(
                files.Select(file => new Item(Path.GetRelativePath(folder, file).Replace('\\', '/'), () => InputBytes.ReadFile(file))),
                null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{folder}: cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Takes the archive over.</summary>
    public static SampleFiles FromZip(ZipArchive archive, string name) => new(
        archive.Entries
            .Where(entry => !entry.FullName.EndsWith('/'))
            .Select(entry => new Item(entry.FullName.Replace('\\', '/'), () => InputBytes.ReadEntry(entry, name))),
        archive);

    public void Dispose() => _archive?.Dispose();
}
