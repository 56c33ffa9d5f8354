using TinyInference.Converter;

namespace TinyInference.IlMeter;

/// <summary>Where the sources are, and the development data beside them.</summary>
internal static class RepositoryFolders
{
    /// <summary>The folder that holds the solution.</summary>
    /// <exception cref="InputException">The program was moved out of the repository.</exception>
    public static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "TinyInference.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InputException($"{AppContext.BaseDirectory} is not inside the repository: there is no TinyInference.sln above it");
    }

    /// <summary>A file of the folder "shared" (beside the repository, or where TINYINFERENCE_SHARED points), or null where it is absent.</summary>
    public static string? TryShared(string relative)
    {
        string folder = Environment.GetEnvironmentVariable("TINYINFERENCE_SHARED") is { Length: > 0 } named ? named : Path.Combine(Root(), "..", "shared");
        string path = Path.Combine(folder, relative);
        return File.Exists(path) ? path : null;
    }
}
