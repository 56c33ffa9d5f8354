using System.CommandLine;
using System.CommandLine.Parsing;

namespace TinyInference.Converter.Cli.Recipes;

/// <summary>A step as the command line that does it.</summary>
/// <param name="Step">What the recipe says.</param>
/// <param name="Arguments">What the tool is called with.</param>
/// <param name="Output">The file that it writes.</param>
internal sealed record RecipeCommand(RecipeStep Step, string[] Arguments, string Output);

/// <summary>Makes command lines of a recipe's steps, and checks all of them before the first is run.</summary>
internal static class RecipeCommands
{
    /// <param name="commands">The tool's verbs.</param>
    /// <param name="data">What every step learns from; labels are found beside it.</param>
    /// <param name="test">What results are judged by.</param>
    /// <exception cref="InputException">A field is not an option of its verb, its value does not fit, or a step has no network to work on.</exception>
    public static IReadOnlyList<RecipeCommand> Create(Recipe recipe, RootCommand commands, string data, string test)
    {
        var result = new List<RecipeCommand>();
        string? current = null;
        foreach (RecipeStep step in recipe.Steps)
        {
            string where = $"{recipe.File}: steps[{step.Number - 1}] ({step.Verb})";
            string verb = step.Verb == "qat" ? "convert" : step.Verb;
            Command command = commands.Subcommands.Single(c => c.Name == verb);
            string output = Path.Combine(recipe.Output, $"{step.Number}-{step.Verb}{(verb == "convert" ? ".tinf" : ".onnx")}");
            List<string> arguments = [verb];
            if (verb is "prune" or "convert")
            {
                arguments.Add(current ?? throw new InputException($"{where}: there is no network before it; begin with a step \"train\""));
            }

            arguments.AddRange(Given(recipe, step, where, command, result));
            if (verb == "convert")
            {
                AddOnce(arguments, step, "calibration", data);
                if (step.Verb == "qat")
                {
                    AddOnce(arguments, step, "qat", data);
                }
            }
            else
            {
                arguments.AddRange(["--data", data, "--test", test]);
                AddOnce(arguments, step, "hold-out", "0.1");
            }

            if (verb == "distil")
            {
                // One of the two is the network that the chain has at this place.
                if (!step.Has("teacher") || !step.Has("student"))
                {
                    arguments.AddRange([step.Has("teacher") ? "--student" : "--teacher", current ?? throw new InputException($"{where}: there is no network before it; give \"teacher\" and \"student\"")]);
                }

                if (!step.Has("teacher") && !step.Has("student"))
                {
                    throw new InputException($"{where}: the field \"student\" is missing: the network that learns");
                }
            }

            arguments.AddRange(["--output", output]);
            Check(commands, arguments, where);
            result.Add(new RecipeCommand(step, [.. arguments], output));
            current = verb == "convert" ? current : output;
        }

        return result;
    }

    private static IEnumerable<string> Given(Recipe recipe, RecipeStep step, string where, Command command, List<RecipeCommand> before)
    {
        foreach ((string name, string[] values) in step.Fields)
        {
            if (!command.Options.Any(o => o.Name == "--" + name) || name is "data" or "test" or "output" or "json" or "help")
            {
                throw new InputException($"{where}: the field \"{name}\" is not known; '{Tool.Name} {command.Name} --help' lists them, without --");
            }

            bool isFlag = command.Options.First(o => o.Name == "--" + name).ValueType == typeof(bool) && values is ["true"];
            foreach (string value in isFlag ? [""] : values)
            {
                yield return "--" + name;
                if (!isFlag)
                {
                    yield return Referred(recipe, where, name, value, before);
                }
            }
        }
    }

    /// <summary>"@2" is what step 2 has written.</summary>
    private static string Referred(Recipe recipe, string where, string name, string value, List<RecipeCommand> before)
    {
        if (name is not ("teacher" or "student" or "model"))
        {
            return value;
        }

        if (value.StartsWith('@'))
        {
            return int.TryParse(value.AsSpan(1), out int number) && number >= 1 && number <= before.Count && before[number - 1].Arguments[0] != "convert"
                ? before[number - 1].Output
                : throw new InputException($"{where}: the field \"{name}\" is \"{value}\"; @N is the network that an earlier step, N, has written");
        }

        string inFolder = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(recipe.File))!, value);
        return File.Exists(inFolder) ? inFolder : value;
    }

    private static void AddOnce(List<string> arguments, RecipeStep step, string name, string value)
    {
        if (!step.Has(name))
        {
            arguments.AddRange(["--" + name, value]);
        }
    }

    private static void Check(RootCommand commands, List<string> arguments, string where)
    {
        ParseResult parse = commands.Parse(arguments, Tool.ParserConfiguration);
        if (parse.Errors.Count > 0)
        {
            throw new InputException($"{where}: {parse.Errors[0].Message}");
        }
    }
}
