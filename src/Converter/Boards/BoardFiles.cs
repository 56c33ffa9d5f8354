using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using TinyInference.Converter.Cli;

namespace TinyInference.Converter.Boards;

/// <summary>Boards by name, which the tool carries, or from a file of the user.</summary>
internal static class BoardFiles
{
    private const string Folder = "boards/";
    private const long MostBytes = 1 << 20;

    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.Strict,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Of the boards that the tool carries, in order.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Assembly.GetExecutingAssembly().GetManifestResourceNames()
        .Where(n => n.StartsWith(Folder, StringComparison.Ordinal))
        .Select(n => Path.GetFileNameWithoutExtension(n))
        .Order(StringComparer.Ordinal)];

    /// <param name="nameOrFile">A board's name, or a JSON file.</param>
    /// <exception cref="InputException">There is no such board, or the file does not describe one.</exception>
    public static Board Load(string nameOrFile)
    {
        if (Names.Contains(nameOrFile))
        {
            using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"{Folder}{nameOrFile}.json")!;
            return Parse(Files.Read(stream, nameOrFile, MostBytes), nameOrFile);
        }

        return nameOrFile.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
            ? Parse(Files.Read(nameOrFile, MostBytes), nameOrFile)
            : throw new InputException($"there is no board '{nameOrFile}'; there are {string.Join(", ", Names)}, or give a file of your own, after boards/board.schema.json");
    }

    private static Board Parse(byte[] json, string name)
    {
        try
        {
            Board board = JsonSerializer.Deserialize<Board>(json, s_options) ?? throw new JsonException("it is null");
            return Check(board, name);
        }
        catch (JsonException e)
        {
            throw new InputException($"{name}: is no description of a board (boards/board.schema.json): {e.Message}", e);
        }
    }

    private static Board Check(Board board, string name)
    {
        (string Field, double Value)[] positive =
        [
            ("clockMHz", board.ClockMHz), ("ramBytes", board.RamBytes), ("heapBytes", board.HeapBytes), ("largestArrayBytes", board.LargestArrayBytes),
            ("flashBytes", board.FlashBytes), ("partitions.deploymentBytes", board.Partitions.DeploymentBytes), ("console.baud", board.Console.Baud),
            ("speed.interpreterSlowdown", board.Speed.InterpreterSlowdown), ("speed.nativeMIPS", board.Speed.NativeMips),
        ];
        (string field, _) = Array.Find(positive, p => !(p.Value > 0 && double.IsFinite(p.Value)));
        return field is null && board.PsramBytes >= 0 && board.Partitions.StorageBytes >= 0
            ? board
            : throw new InputException($"{name}: {field ?? "psramBytes or storageBytes"} must be above 0");
    }
}
