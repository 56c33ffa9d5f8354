using System.Text.Json;
using TinyInference.Converter.Estimation;

namespace TinyInference.IlMeter;

/// <summary><see cref="NetworkCounts"/> for machines.</summary>
internal static class CountsJson
{
    public static void Write(NetworkCounts network, Utf8JsonWriter json)
    {
        json.WriteString("network", network.Name);
        WriteCounts(json, network.Macs, network.Total);
        json.WriteStartArray("operators");
        foreach (OperatorCounts op in network.Operators)
        {
            json.WriteStartObject();
            if (op.Index is { } index)
            {
                json.WriteNumber("index", index);
            }

            json.WriteString("kind", op.Kind);
            json.WriteString("name", op.Name);
            WriteCounts(json, op.Macs, op.Counts);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("notCounted");
        foreach (string method in network.LibraryCalls)
        {
            json.WriteStringValue(method);
        }

        json.WriteEndArray();
    }

    private static void WriteCounts(Utf8JsonWriter json, long macs, InstructionCounts counts)
    {
        json.WriteNumber("macs", macs);
        json.WriteNumber("il", counts.Total);
        if (macs != 0)
        {
            json.WriteNumber("ilPerMac", Math.Round((double)counts.Total / macs, 4));
        }

        json.WriteNumber("referenceHostNanoseconds", Math.Round(counts.HostNanoseconds));
        json.WriteStartObject("classes");
        foreach (InstructionClass kind in Enum.GetValues<InstructionClass>().Where(k => counts[k] != 0))
        {
            json.WriteNumber(JsonNamingPolicy.CamelCase.ConvertName(kind.ToString()), counts[kind]);
        }

        json.WriteEndObject();
    }
}
