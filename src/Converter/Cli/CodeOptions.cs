using System.CommandLine;
using System.Text;
using Spectre.Console;
using TinyInference.Converter.Emission;
using TinyInference.Converter.Emission.CSharp;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Lowering;

namespace TinyInference.Converter.Cli;

/// <summary>convert --emit csharp: the options of generated code, and its files.</summary>
internal sealed class CodeOptions
{
    private readonly Option<OutputForm> _emit = Arguments.Choice("--emit", "C# has the weights as code; default blob", ("blob", OutputForm.Blob), ("csharp", OutputForm.CSharp));
    private readonly Option<int?> _budget = Arguments.Count("--il-budget", $"bytes of such code in all; default {CSharpOptions.PresetBudget}", CSharpOptions.PresetBudget);
    private readonly Option<int?> _most = Arguments.Count("--max-il-bytes", $"of one assembly; default {CSharpOptions.DeviceIlBytes}", CSharpOptions.DeviceIlBytes);

    private enum OutputForm
    {
        Blob,
        CSharp,
    }

    public void AddTo(Command command)
    {
        command.Add(_emit);
        command.Add(_budget);
        command.Add(_most);
    }

    public bool IsAsked(ParseResult parse) => parse.GetValue(_emit) == OutputForm.CSharp;

    /// <summary>Says before long work that the output cannot be written. Code goes into a file *.cs, or a folder that need not exist.</summary>
    /// <exception cref="InputException">It is no path that can be written.</exception>
    public void CheckWritable(ParseResult parse, string output)
    {
        if (!IsAsked(parse) || !IsFolder(output))
        {
            Files.CheckWritable(output);
        }
        else if (File.Exists(output))
        {
            throw new InputException($"{output}: is a file; code goes into a file that ends in .cs, or into a folder");
        }
    }

    /// <summary>Writes the network as C# and says what became of it.</summary>
    /// <exception cref="InputException">It cannot be written.</exception>
    public void Write(ParseResult parse, Graph graph, KernelPreference kernels, string output, Screen screen, CancellationToken cancellation)
    {
        var options = new CSharpOptions(
            CSharpOptions.ToClassName(graph.Name),
            parse.GetValue(_most) ?? CSharpOptions.DeviceIlBytes,
            parse.GetValue(_budget) ?? CSharpOptions.PresetBudget);
        CSharpNetwork network = CSharpEmitter.Emit(graph, options, kernels);
        bool isFolder = IsFolder(output);
        string first = isFolder ? Path.Combine(output, $"{options.ClassName}.g.cs") : output;
        if (isFolder)
        {
            CreateFolder(output);
            for (int i = 0; i < network.Files.Count; i++)
            {
                WriteText(i == 0 ? first : Path.Combine(output, $"{options.ClassName}.{i}.g.cs"), network.Files[i].Text, cancellation);
            }
        }
        else
        {
            WriteText(output, CSharpEmitter.Join(network), cancellation);
        }

        if (network.RestBlob is { } rest)
        {
            Files.Write(Path.ChangeExtension(first, ".tinf"), rest, cancellation);
        }

        Describe(network, options, output, isFolder, screen);
    }

    private static void Describe(CSharpNetwork network, CSharpOptions options, string output, bool isFolder, Screen screen)
    {
        screen.Results.WriteLine($"{output}: class {options.ClassName}, about {network.IlBytes:N0} bytes of IL in {(isFolder ? network.Files.Count : 1)} file(s), {network.ArenaBytes:N0} bytes of activations");
        screen.Results.WriteLine($"code   {network.GeneratedOperators.Count} operators: {Names(network.GeneratedOperators)}");
        screen.Results.WriteLine($"kernels of the runtime   {network.RuntimeOperators.Count} operators: {Names(network.RuntimeOperators)}");
        if (network.RestBlob is { } rest)
        {
            screen.Results.WriteLine($"their blob   {rest.Length:N0} bytes, written beside it; the class takes it when it is made");
        }

        if (!isFolder && network.IlBytes > options.MostIlBytes)
        {
            screen.Warning($"{output}: has about {network.IlBytes:N0} bytes of IL, more than one assembly holds on a device; name a folder with -o to get a file for each assembly");
        }
    }

    private static string Names(IReadOnlyList<string> names) => names.Count == 0 ? "none" : string.Join(", ", BlobNames.ShortenAll(names));

    private static bool IsFolder(string output) => Directory.Exists(output) || !output.EndsWith(".cs", StringComparison.OrdinalIgnoreCase);

    private static void CreateFolder(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new InputException($"{path}: the folder cannot be made: {e.Message}", e);
        }
    }

    private static void WriteText(string path, string text, CancellationToken cancellation) => Files.Write(path, Encoding.UTF8.GetBytes(text), cancellation);
}
