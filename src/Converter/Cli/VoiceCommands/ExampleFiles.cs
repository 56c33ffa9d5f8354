using System.CommandLine;
using TinyInference.Converter.Commands;
using TinyInference.Converter.Commands.Grammars;

namespace TinyInference.Converter.Cli.VoiceCommands;

/// <summary>Examples from the files that the command line names.</summary>
internal static class ExampleFiles
{
    private const string GrammarExtension = ".grammar";

    public static Option<string[]> Option(string description) => new("--examples")
    {
        Description = description,
        HelpName = "FILE...",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
    };

    public static Option<ExampleFormat?> Format() => Arguments.Choice<ExampleFormat?>(
        "--format", "how the lines of files are written; default: seen from their columns", ("auto", null), ("marked", ExampleFormat.Marked), ("snips", ExampleFormat.Snips), ("hwu64", ExampleFormat.Hwu64));

    /// <summary>Grammars and files of examples; of a folder all grammars in it that describe intents.</summary>
    /// <exception cref="InputException">One cannot be read.</exception>
    public static (List<CommandExample> Examples, List<Grammar> Grammars) Load(IEnumerable<string> paths, ExampleFormat? format)
    {
        var examples = new List<CommandExample>();
        var grammars = new List<Grammar>();
        foreach (string path in paths)
        {
            if (Directory.Exists(path))
            {
                string[] files = [.. Directory.GetFiles(path, "*" + GrammarExtension).Order(StringComparer.Ordinal)];
                grammars.AddRange(files.Where(GrammarReader.DescribesIntents).Select(GrammarReader.Read));
                if (files.Length == 0)
                {
                    throw new InputException($"{path}: the folder holds no {GrammarExtension} files");
                }
            }
            else if (path.EndsWith(GrammarExtension, StringComparison.OrdinalIgnoreCase))
            {
                grammars.Add(GrammarReader.Read(path));
            }
            else
            {
                examples.AddRange(ExampleReader.Read(path, format));
            }
        }

        return (examples, grammars);
    }
}
