using System.Diagnostics;

namespace Native.Tests;

/// <summary>The machine's C compilers, and what they make of firmware/Native in a folder that goes away with the tests.</summary>
internal static class Toolchain
{
    /// <summary>Where the C sources are.</summary>
    public static readonly string Sources = Path.Combine(FindRepository(), "firmware", "Native");

    /// <summary>Where the C sources of the tests are.</summary>
    public static readonly string TestSources = Path.Combine(FindRepository(), "tests", "Native.Tests");

    private static readonly string s_folder = CreateFolder();

    /// <summary>The whole path of a compiler; skips the running test where it is not installed.</summary>
    public static string Find(string compiler)
    {
        foreach (string folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
        {
            string path = Path.Combine(folder, compiler);
            if (File.Exists(path))
            {
                return path;
            }
        }

        Assert.Inconclusive($"skipped: {compiler} not found");
        return "";
    }

    /// <summary>Compiles all kernels and more; warnings are errors. Returns the path of what was made.</summary>
    public static string Build(string compiler, string name, params string[] arguments)
    {
        string output = FilePath(name);
        Run(
            Find(compiler),
            [
                "-std=c99", "-pedantic", "-O2", "-Wall", "-Wextra", "-Wshadow", "-Werror", "-I", Sources, .. Directory.GetFiles(Sources, "*.c"), .. arguments, "-o", output,
            ]);
        return output;
    }

    /// <summary>Whether a compiler can link programs that watch themselves; some are installed without the libraries for it.</summary>
    public static bool HasSanitizers(string compiler)
    {
        string source = FilePath($"empty-{compiler}.c");
        File.WriteAllText(source, "int main(void) { return 0; }");
        return Execute(Find(compiler), ["-fsanitize=address,undefined", source, "-o", FilePath($"empty-{compiler}")], out _) == 0;
    }

    /// <summary>A file in the temporary folder.</summary>
    public static string FilePath(string name) => Path.Combine(s_folder, name);

    /// <summary>Runs a program to its end and returns what it wrote; fails the test where it fails.</summary>
    public static string Run(string program, params string[] arguments)
    {
        int status = Execute(program, arguments, out string output);
        Assert.AreEqual(0, status, $"{Path.GetFileName(program)}: {output}");
        return output;
    }

    private static int Execute(string program, string[] arguments, out string output)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        output += error.Result;
        return process.ExitCode;
    }

    private static string CreateFolder()
    {
        string folder = Directory.CreateTempSubdirectory("tinyinference-native-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        return folder;
    }

    private static string FindRepository()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "TinyInference.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("The tests must run inside the repository.");
    }
}
