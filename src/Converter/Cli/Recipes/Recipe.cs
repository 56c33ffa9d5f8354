using System.Text.Json;

namespace TinyInference.Converter.Cli.Recipes;

/// <summary>One step of a recipe: a verb and its options as the command line has them.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Fields">Names without "--", values as text; several for a list.</param>
internal sealed record RecipeStep(int Number, string Verb, IReadOnlyList<(string Name, string[] Values)> Fields)
{
    public bool Has(string name) => Fields.Any(f => f.Name == name);
}

/// <summary>A chain of verbs over the same data: what the JSON file says.</summary>
/// <param name="File">As the user wrote it.</param>
/// <param name="Title">For the report.</param>
/// <param name="Data">What every step learns from.</param>
/// <param name="Test">What every result is judged by.</param>
/// <param name="Output">The folder for networks and report.</param>
internal sealed record Recipe(string File, string Title, string Data, string Test, string Output, IReadOnlyList<RecipeStep> Steps)
{
    /// <summary>Stands for the pictures of digits that the tool draws itself.</summary>
    public const string DrawnData = "meter-digits";

    private const long MostBytes = 1 << 20;
    private const int MostSteps = 100;

    private static readonly string[] s_verbs = ["train", "prune", "distil", "qat", "convert"];
    private static readonly string[] s_fields = ["title", "data", "test", "output", "steps"];

    /// <exception cref="InputException">It is no JSON, or a field is missing, unknown or of the wrong kind; the message names it.</exception>
    public static Recipe Load(string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(Files.Read(path, MostBytes), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = 8 });
            return Read(path, document.RootElement);
        }
        catch (JsonException e)
        {
            throw new InputException($"{path}: is no JSON: line {e.LineNumber + 1}: {e.Message.Split(". ")[0]}", e);
        }
    }

    private static Recipe Read(string path, JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new InputException($"{path}: a recipe is an object: {{ \"data\": ..., \"steps\": [ ... ] }}");
        }

        foreach (JsonProperty property in root.EnumerateObject().Where(p => !s_fields.Contains(p.Name)))
        {
            throw new InputException($"{path}: the field \"{property.Name}\" is not known; a recipe has {string.Join(", ", s_fields)}");
        }

        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        string name = Path.GetFileNameWithoutExtension(path);
        string data = InFolder(folder, Text(path, root, "data") ?? throw new InputException($"{path}: the field \"data\" is missing: what to learn from"));
        string? test = Text(path, root, "test");
        if (test is null && data != DrawnData)
        {
            throw new InputException($"{path}: the field \"test\" is missing: samples to judge the results by");
        }

        if (!root.TryGetProperty("steps", out JsonElement steps) || steps.ValueKind != JsonValueKind.Array || steps.GetArrayLength() is 0 or > MostSteps)
        {
            throw new InputException($"{path}: the field \"steps\" must be a list of 1 to {MostSteps} steps");
        }

        return new Recipe(
            path,
            Text(path, root, "title") ?? name,
            data,
            test is null ? DrawnData : InFolder(folder, test),
            InFolder(folder, Text(path, root, "output") ?? name + ".out"),
            [.. steps.EnumerateArray().Select((step, i) => ReadStep(path, folder, step, i + 1))]);
    }

    private static RecipeStep ReadStep(string path, string folder, JsonElement step, int number)
    {
        if (step.ValueKind != JsonValueKind.Object)
        {
            throw new InputException($"{path}: steps[{number - 1}] must be an object with a field \"verb\"");
        }

        string where = $"steps[{number - 1}]";
        string verb = Text($"{path}: {where}", step, "verb") ?? throw new InputException($"{path}: {where}: the field \"verb\" is missing; it is one of {string.Join(", ", s_verbs)}");
        if (!s_verbs.Contains(verb))
        {
            throw new InputException($"{path}: {where}: the field \"verb\" is \"{verb}\"; it is one of {string.Join(", ", s_verbs)}");
        }

        return new RecipeStep(number, verb, [.. step.EnumerateObject().Where(p => p.Name != "verb").Select(p => (p.Name, Values($"{path}: {where} ({verb})", folder, p)))]);
    }

    private static string[] Values(string where, string folder, JsonProperty property)
    {
        string One(JsonElement value) => value.ValueKind switch
        {
            JsonValueKind.String => property.Name is "labels" or "unlabelled" or "calibration" ? InFolder(folder, value.GetString()!) : value.GetString()!,
            JsonValueKind.Number or JsonValueKind.True => value.GetRawText(),
            _ => throw new InputException($"{where}: the field \"{property.Name}\" must be a text, a number, true or a list of texts"),
        };
        return property.Value.ValueKind switch
        {
            JsonValueKind.Array => [.. property.Value.EnumerateArray().Select(One)],
            _ => [One(property.Value)],
        };
    }

    private static string? Text(string where, JsonElement element, string field) => !element.TryGetProperty(field, out JsonElement value) ? null
        : value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text
        : throw new InputException($"{where}: the field \"{field}\" must be a text");

    /// <summary>Names in a recipe count from the recipe's folder.</summary>
    private static string InFolder(string folder, string name) => name == DrawnData || Path.IsPathRooted(name) ? name : Path.Combine(folder, name);
}
