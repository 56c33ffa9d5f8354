using System.Text.Encodings.Web;
using System.Text.Json;

namespace TinyInference.IlMeter;

/// <summary>What an operator executed when the file was written.</summary>
internal sealed record StoredOperator(string Operator, long Il);

/// <summary>The counts that the tests hold the kernels to, by network.</summary>
internal static class StoredCounts
{
    /// <summary>Rewrites the file; failures of the test name it.</summary>
    public const string UpdateCommand = "dotnet run -c Release --project benchmarks/IlMeter -- --update";

    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string FilePath => Path.Combine(RepositoryFolders.Root(), "tests", "Converter.Tests", "Estimation", "il-counts.json");

    public static Dictionary<string, StoredOperator[]> Read() =>
        File.Exists(FilePath) ? JsonSerializer.Deserialize<Dictionary<string, StoredOperator[]>>(File.ReadAllText(FilePath), s_options)! : [];

    /// <summary>Measures every network that is present and stores what it executes; the others keep what they have.</summary>
    public static void Update()
    {
        Dictionary<string, StoredOperator[]> stored = Read();
        foreach (ReferenceNetwork network in ReferenceNetwork.All.Where(n => n.IsPresent))
        {
            stored[network.Name] = Of(network.Measure());
        }

        File.WriteAllText(FilePath, JsonSerializer.Serialize(stored, s_options) + "\n");
    }

    public static StoredOperator[] Of(NetworkCounts network) =>
        [.. network.Operators.Select(op => new StoredOperator(op.Index is { } index ? $"{index} {op.Kind} {op.Name}".TrimEnd() : op.Kind, op.Counts.Total))];
}
