using System.Diagnostics;
using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using TinyInference.Converter;
using TinyInference.IlMeter;

namespace TinyInference.SideBySide;

/// <summary>
/// An installed nanoCLR: compiles the runtime and a program against nanoFramework's own class library, translates them with its metadata processor, and runs them.
/// </summary>
internal sealed class NanoClr : IDisposable
{
    /// <summary>Array initialisers of an assembly must stay below 64 KB.</summary>
    private const int MostBytes = 60_000;

    private const int RunSeconds = 120;

    private static readonly string[] s_libraries = ["mscorlib", "nanoFramework.System.Text", "System.IO.Streams"];

    private readonly string[] _command;
    private readonly string _processor;
    private readonly string _libraries;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("side-by-side-");
    private readonly List<string> _runtime = [];

    /// <param name="command">The executable with the arguments that precede the .pe files.</param>
    /// <param name="processor">The metadata processor: an executable, or a .dll for the dotnet command.</param>
    /// <param name="libraries">Holds the class library, .dll and .pe.</param>
    public NanoClr(string command, string processor, string libraries)
    {
        _command = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        _processor = Path.GetFullPath(processor);
        _libraries = Path.GetFullPath(libraries);
        foreach (string file in s_libraries.SelectMany(l => new[] { $"{l}.dll", $"{l}.pe" }).Select(f => Path.Combine(_libraries, f)).Append(_processor))
        {
            if (!File.Exists(file))
            {
                throw new InputException($"{file} not found: give the folder of the class library and the metadata processor");
            }
        }

        string root = RepositoryFolders.Root();
        string own = Path.Combine(root, "benchmarks", "SideBySide");
        _runtime.Add(Build("TinyInference.Native", Sources(Path.Combine(root, "firmware", "Native", "Managed")), [], OutputKind.DynamicallyLinkedLibrary));
        _runtime.Add(Build(
            "TinyInference",
            [.. Sources(Path.Combine(root, "src", "TinyInference")), File.ReadAllText(Path.Combine(own, "NaiveNetwork.cs")), File.ReadAllText(Path.Combine(own, "NaiveLayer.cs"))],
            _runtime,
            OutputKind.DynamicallyLinkedLibrary));
    }

    /// <summary>Runs a program some times.</summary>
    /// <returns>The output's bytes, and the least of the microseconds: whatever else the machine did only adds to them.</returns>
    public (sbyte[] Output, long Microseconds) Run(NanoProgram program)
    {
        var built = new List<string>(_runtime);
        foreach ((string name, byte[] bytes) in program.Data)
        {
            string[] parts = [.. bytes.Chunk(MostBytes).Select((chunk, i) => Build($"{name}{i}", [Holder($"{name}{i}", chunk)], built, OutputKind.DynamicallyLinkedLibrary))];
            built.AddRange(parts);
            built.Add(Build(name, [Joiner(name, parts.Length, bytes.Length)], built, OutputKind.DynamicallyLinkedLibrary));
        }

        foreach ((string name, string source) in program.Assemblies)
        {
            built.Add(Build(name, [source], built, OutputKind.DynamicallyLinkedLibrary));
        }

        built.Add(Build("Main", [program.Main], built, OutputKind.ConsoleApplication));
        string[] lines = Execute(_command[0], [.. _command.Skip(1), .. s_libraries.Select(l => Path.Combine(_libraries, $"{l}.pe")), .. built.Select(d => Path.ChangeExtension(d, ".pe"))]).Split('\n', StringSplitOptions.TrimEntries);
        string? output = lines.FirstOrDefault(l => l.StartsWith("= ", StringComparison.Ordinal));
        long[] times = [.. lines.Where(l => l.StartsWith("us ", StringComparison.Ordinal)).Select(l => long.Parse(l[3..], CultureInfo.InvariantCulture))];
        return output is not null && times.Length > 0
            ? ([.. output[2..].Split(' ').Select(t => sbyte.Parse(t, CultureInfo.InvariantCulture))], times.Min())
            : throw new InputException($"nanoCLR did not finish: {string.Join(" | ", lines.TakeLast(12))}");
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static string[] Sources(string folder) =>
    [
        .. Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(f => !Path.GetRelativePath(folder, f).Split(Path.DirectorySeparatorChar).Any(p => p is "obj" or "bin"))
            .Order(StringComparer.Ordinal)
            .Select(File.ReadAllText),
    ];

    private static string Holder(string name, byte[] bytes) => $"public static class {name} {{ public static byte[] Get() => new byte[] {{ {string.Join(", ", bytes)} }}; }}";

    private static string Joiner(string name, int parts, int length)
    {
        string copies = string.Concat(Enumerable.Range(0, parts).Select(i => $" System.Array.Copy({name}{i}.Get(), 0, all, {i * MostBytes}, {Math.Min(MostBytes, length - (i * MostBytes))});"));
        return $"public static class {name} {{ public static byte[] Get() {{ var all = new byte[{length}];{copies} return all; }} }}";
    }

    /// <summary>Compiles and translates an assembly; returns its .dll, beside which the .pe lies.</summary>
    private string Build(string name, IReadOnlyList<string> sources, IReadOnlyList<string> references, OutputKind kind)
    {
        string[] all = [.. s_libraries.Select(l => Path.Combine(_libraries, $"{l}.dll")), .. references];
        var parsing = new CSharpParseOptions(LanguageVersion.CSharp10, preprocessorSymbols: ["NANOFRAMEWORK_1_0"]);
        CSharpCompilation compilation = CSharpCompilation.Create(
            name,
            sources.Select(s => CSharpSyntaxTree.ParseText(s, parsing)),
            all.Select(r => MetadataReference.CreateFromFile(r)),
            new CSharpCompilationOptions(kind, optimizationLevel: OptimizationLevel.Release, deterministic: true));
        string dll = Path.Combine(_folder.FullName, $"{name}.dll");
        using (FileStream stream = File.Create(dll))
        {
            EmitResult result = compilation.Emit(stream, options: new EmitOptions(runtimeMetadataVersion: "v4.0"));
            if (!result.Success)
            {
                throw new InputException($"{name} does not compile for the device: {string.Join(" | ", result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).Take(5))}");
            }
        }

        string pe = Path.ChangeExtension(dll, ".pe");
        string[] hints = [.. all.SelectMany(r => new[] { "-loadHints", Path.GetFileNameWithoutExtension(r), r })];
        string[] arguments = [.. hints, "-parse", dll, "-compile", pe, "false"];
        bool isManaged = Path.GetExtension(_processor) == ".dll";
        string output = Execute(isManaged ? "dotnet" : _processor, isManaged ? [_processor, .. arguments] : arguments);
        return File.Exists(pe) ? dll : throw new InputException($"the metadata processor refused {name}: {output}");
    }

    private string Execute(string file, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder.FullName };
        using Process process = Process.Start(start) ?? throw new InputException($"{file} does not start");
        Task<string> errors = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromSeconds(RunSeconds)))
        {
            process.Kill();
            throw new InputException($"{file} did not end within {RunSeconds} seconds");
        }

        return output.Result + errors.Result;
    }
}
