using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using TinyInference.Converter.Cli.Prediction;

namespace TinyInference.Converter.Cli;

/// <summary>The kinds of arguments and options that the verbs share, each with messages that name the option and what it takes.</summary>
internal static class Arguments
{
    public static Argument<string> Path(string name, string description) => new(name) { Description = description };

    public static Option<string?> Text(string name, string helpName, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, HelpName = helpName };

    public static Option<string> RequiredPath(string name, string helpName, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, HelpName = helpName, Required = true };

    public static Option<bool> Flag(string name, string description) => new(name) { Description = description };

    /// <summary>A whole number above 0.</summary>
    public static Option<int?> Count(string name, string description, int? preset = null) => new(name)
    {
        Description = description,
        HelpName = "N",
        DefaultValueFactory = _ => preset,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value > 0)
            {
                return value;
            }

            result.AddError($"{name} takes a whole number above 0, not '{text}'");
            return null;
        },
    };

    /// <summary>A board's name or file.</summary>
    public static Option<string> Board(bool required) => new("--board")
    {
        Description = $"{string.Join(", ", Boards.BoardFiles.Names)}, or a file as boards/NAME.json",
        HelpName = "NAME|FILE",
        Required = required,
    };

    /// <summary>A TCP port; 0 for any.</summary>
    public static Option<int?> Port(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "PORT",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort value))
            {
                return value;
            }

            result.AddError($"{name} takes a port, 0 to 65535, not '{text}'");
            return null;
        },
    };

    /// <summary>A finite number.</summary>
    public static Option<float?> Real(string name, string helpName, string description) => new(name)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float value) && float.IsFinite(value))
            {
                return value;
            }

            result.AddError($"{name} takes a number, not '{text}'");
            return null;
        },
    };

    /// <summary>What the network is for, where the tool should not guess.</summary>
    public static Option<NetworkTask?> Task() => Choice(
        "--task",
        "what the network is for; default: what it says itself, else guessed from its shape and the data",
        [("auto", null), .. Enum.GetValues<NetworkTask>().Select(t => (t.Word(), (NetworkTask?)t))]);

    /// <summary>One of a few words; the first is the default.</summary>
    public static Option<T> Choice<T>(string name, string description, params (string Word, T Value)[] choices) => new(name)
    {
        Description = description,
        HelpName = string.Join('|', choices.Select(c => c.Word)),
        DefaultValueFactory = _ => choices[0].Value,
        CustomParser = result => Choose(result, name, choices),
    };

    private static T Choose<T>(ArgumentResult result, string name, (string Word, T Value)[] choices)
    {
        string text = result.Tokens[0].Value;
        foreach ((string word, T value) in choices)
        {
            if (word == text)
            {
                return value;
            }
        }

        result.AddError($"{name} is one of {string.Join(", ", choices.Select(c => c.Word))}, not '{text}'");
        return choices[0].Value;
    }
}
