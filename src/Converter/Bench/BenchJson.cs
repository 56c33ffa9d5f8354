using System.Text.Json;
using TinyInference.Converter.Cli.Reports;

namespace TinyInference.Converter.Bench;

/// <summary>A <see cref="BenchResult"/> for machines.</summary>
internal static class BenchJson
{
    public static void Write(BenchResult result, Utf8JsonWriter json)
    {
        json.WriteString("port", result.Port);
        json.WriteString("device", result.Device);
        json.WriteString("model", result.Model.Name);
        json.WriteString("checksum", result.Model.Checksum);
        json.WriteNumber("blobBytes", result.Model.BlobBytes);
        json.WriteNumber("arenaBytes", result.Model.ArenaBytes);
        WriteLatency(result.Latency, json);
        json.WriteNumber("inferencesPerSecond", result.Throughput);
        json.WriteStartArray("windows");
        foreach (ThroughputWindow window in result.Windows)
        {
            json.WriteStartObject();
            json.WriteNumber("inferences", window.Inferences);
            json.WriteNumber("microseconds", window.Microseconds);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("evaluation");
        EvaluationJson.Write(result.Evaluation, json);
        json.WriteEndObject();
        json.WriteStartArray("operators");
        foreach (OperatorTime op in result.Operators)
        {
            json.WriteStartObject();
            json.WriteString("operator", op.Kind.ToString());
            json.WriteNumber("microseconds", op.Microseconds);
            if (op.Estimated is { } estimated)
            {
                json.WriteNumber("estimatedMicroseconds", estimated);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("latencies");
        foreach (long time in result.Latencies)
        {
            json.WriteNumberValue(time);
        }

        json.WriteEndArray();
    }

    private static void WriteLatency(LatencyStatistics latency, Utf8JsonWriter json)
    {
        json.WriteStartObject("latencyMicroseconds");
        json.WriteNumber("mean", latency.Mean);
        json.WriteNumber("median", latency.Median);
        json.WriteNumber("p90", latency.P90);
        json.WriteNumber("p99", latency.P99);
        json.WriteNumber("smallest", latency.Smallest);
        json.WriteNumber("largest", latency.Largest);
        json.WriteNumber("jitter", latency.Jitter);
        json.WriteEndObject();
    }
}
