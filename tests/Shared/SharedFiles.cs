namespace TinyInference.Testing;

/// <summary>
/// Development data beside the repository (the folder "shared" next to it, or where TINYINFERENCE_SHARED points).
/// It is no part of the project: a test that needs a file which is not there is skipped and says so.
/// </summary>
internal static class SharedFiles
{
    private static readonly string? s_root = Find();

    /// <summary>The whole path of a file or folder; skips the running test where it is absent.</summary>
    public static string Path(string relative)
    {
        string? path = TryPath(relative);
        if (path is null)
        {
            Assert.Inconclusive($"skipped: shared/{relative} not found beside the repository");
        }

        return path!;
    }

    /// <summary>The whole path, or null where it is absent.</summary>
    public static string? TryPath(string relative)
    {
        string? path = s_root is null ? null : System.IO.Path.Combine(s_root, relative);
        return File.Exists(path) || Directory.Exists(path) ? path : null;
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("TINYINFERENCE_SHARED") is { Length: > 0 } named)
        {
            return named;
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "TinyInference.sln")))
            {
                string shared = System.IO.Path.Combine(folder.Parent!.FullName, "shared");
                return Directory.Exists(shared) ? shared : null;
            }
        }

        return null;
    }
}
