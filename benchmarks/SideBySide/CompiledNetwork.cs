using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using TinyInference.Converter.Emission.CSharp;

namespace TinyInference.SideBySide;

/// <summary>Generated code, compiled as for the device (C# 10, optimized) into one assembly, and run.</summary>
internal sealed class CompiledNetwork : IDisposable
{
    private readonly AssemblyLoadContext? _context;
    private readonly Action<sbyte[]> _setInput;
    private readonly Action<sbyte[]> _getOutput;
    private readonly Action _run;
    private readonly int _outputBytes;

    private CompiledNetwork(CSharpNetwork network, Assembly assembly, AssemblyLoadContext? context)
    {
        _context = context;
        Type type = assembly.GetType($"TinyInference.Generated.{network.Files[0].ClassName}", throwOnError: true)!;
        object instance = Activator.CreateInstance(type, network.RestBlob is null ? [] : [network.RestBlob])!;
        _setInput = type.GetMethod("SetInput")!.CreateDelegate<Action<sbyte[]>>(instance);
        _getOutput = type.GetMethod("GetOutput")!.CreateDelegate<Action<sbyte[]>>(instance);
        _run = type.GetMethod("Run")!.CreateDelegate<Action>(instance);
        _outputBytes = (int)type.GetField("OutputBytes")!.GetRawConstantValue()!;
    }

    public static CompiledNetwork Load(CSharpNetwork network)
    {
        var context = new AssemblyLoadContext("generated", isCollectible: true);
        using var stream = new MemoryStream(Compile("Generated", network.Files.Select(f => f.Text)));
        return new CompiledNetwork(network, context.LoadFromStream(stream), context);
    }

    /// <summary>Several networks, whose classes have names of their own, in one assembly; unloaded with <paramref name="context"/>.</summary>
    public static CompiledNetwork[] LoadAll(IReadOnlyList<CSharpNetwork> networks, AssemblyLoadContext context)
    {
        using var stream = new MemoryStream(Compile("Generated", networks.SelectMany(n => n.Files).Select(f => f.Text)));
        Assembly assembly = context.LoadFromStream(stream);
        return [.. networks.Select(n => In(n, assembly))];
    }

    /// <summary>In an assembly that someone else has loaded.</summary>
    public static CompiledNetwork In(CSharpNetwork network, Assembly assembly) => new(network, assembly, null);

    public static byte[] Compile(string name, IEnumerable<string> sources, params byte[][] references)
    {
        string[] platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        IEnumerable<MetadataReference> libraries = platform.Where(p => Path.GetFileName(p) is "System.Private.CoreLib.dll" or "System.Runtime.dll")
            .Append(typeof(Session).Assembly.Location)
            .Select(p => MetadataReference.CreateFromFile(p));
        CSharpCompilation compilation = CSharpCompilation.Create(
            name,
            sources.Select(s => CSharpSyntaxTree.ParseText(s, new CSharpParseOptions(LanguageVersion.CSharp10))),
            [.. libraries, .. references.Select(r => MetadataReference.CreateFromImage(r))],
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, deterministic: true));
        using var stream = new MemoryStream();
        string[] problems = [.. compilation.Emit(stream).Diagnostics.Where(d => d.Severity >= DiagnosticSeverity.Warning).Select(d => d.ToString())];
        return problems.Length == 0 ? stream.ToArray() : throw new InvalidOperationException(string.Join('\n', problems.Take(10)));
    }

    public void SetInput(sbyte[] input) => _setInput(input);

    public void Run() => _run();

    public sbyte[] Run(sbyte[] input)
    {
        _setInput(input);
        _run();
        return Output();
    }

    public sbyte[] Output()
    {
        var output = new sbyte[_outputBytes];
        _getOutput(output);
        return output;
    }

    public void Dispose() => _context?.Unload();
}
