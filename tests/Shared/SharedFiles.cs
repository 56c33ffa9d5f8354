namespace TinyInference.Testing;

/// <summary>
/// Development data beside the repository (the folder "shared" next to it, or where TINYINFERENCE_SHARED points).
/// It is no part of the project: a test that needs a file which is not there is skipped and says so.
/// </summary>
internal static class SharedFiles
{
    private static readonly string? s_root = Find();

    /// <summary>The folder of the solution.</summary>
    public static string Repository { get; } = FindRepository();

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

        string shared = System.IO.Path.Combine(FindRepository(), "..", "shared");
        return Directory.Exists(shared) ? System.IO.Path.GetFullPath(shared) : null;
    }

    private static string FindRepository()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "TinyInference.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("the tests run outside of the repository");
    }
}
