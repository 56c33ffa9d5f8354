using System.Text.Json;
using TinyInference.Converter.Planning.Patches;

namespace TinyInference.Converter.Cli.Reports;

/// <summary>A <see cref="NetworkReport"/> for machines.</summary>
internal static class NetworkJson
{
    public static void Write(NetworkReport report, Utf8JsonWriter json)
    {
        json.WriteString("file", report.File);
        json.WriteString("format", report.Format);
        json.WriteString("name", report.Name);
        json.WriteNumber("macs", report.Macs);
        json.WriteNumber("parameters", report.Parameters);
        json.WriteNumber("weightBytes", report.WeightBytes);
        WriteNumber(json, "blobBytes", report.BlobBytes);
        WriteNumber(json, "arenaBytes", report.Memory?.TotalBytes);
        WriteNumber(json, "activationBytes", report.Memory?.ActivationBytes);
        WriteNumber(json, "scratchBytes", report.Memory?.ScratchBytes);
        WriteNumber(json, "peakOperator", report.PeakOperator < 0 ? null : report.PeakOperator);
        json.WriteString("task", report.Task);
        json.WriteString("inputPreparation", report.InputPreparation);
        json.WriteStartArray("labels");
        foreach (string label in report.Labels)
        {
            json.WriteStringValue(label);
        }

        json.WriteEndArray();
        WriteTensors(json, "inputs", report.Inputs);
        WriteTensors(json, "outputs", report.Outputs);
        json.WriteStartArray("patches");
        foreach (PatchedOperators patch in report.Patches)
        {
            json.WriteStartObject();
            json.WriteNumber("firstOperator", patch.First);
            json.WriteNumber("operators", patch.Count);
            json.WriteNumber("layers", patch.Layers);
            json.WriteNumber("stripes", patch.Stripes);
            json.WriteNumber("extraMacs", patch.ExtraMacs);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("operators");
        for (int i = 0; i < report.Operators.Count; i++)
        {
            WriteOperator(json, i, report.Operators[i]);
        }

        json.WriteEndArray();
    }

    private static void WriteOperator(Utf8JsonWriter json, int index, OperatorReport op)
    {
        json.WriteStartObject();
        json.WriteNumber("index", index);
        json.WriteString("kind", op.Kind);
        json.WriteString("name", op.Name);
        json.WriteString("encoding", op.Encoding);
        json.WriteStartArray("inputShapes");
        foreach (int[] shape in op.InputShapes)
        {
            json.WriteStartArray();
            foreach (int dimension in shape)
            {
                json.WriteNumberValue(dimension);
            }

            json.WriteEndArray();
        }

        json.WriteEndArray();
        WriteShape(json, "outputShape", op.OutputShape);
        json.WriteString("type", op.Type);
        json.WriteNumber("macs", op.Macs);
        json.WriteNumber("parameters", op.Parameters);
        json.WriteNumber("weightBytes", op.WeightBytes);
        WriteNumber(json, "ramBytes", op.RamBytes);
        json.WriteEndObject();
    }

    private static void WriteTensors(Utf8JsonWriter json, string name, IReadOnlyList<TensorReport> tensors)
    {
        json.WriteStartArray(name);
        foreach (TensorReport tensor in tensors)
        {
            json.WriteStartObject();
            json.WriteString("name", tensor.Name);
            WriteShape(json, "shape", tensor.Shape);
            json.WriteString("type", tensor.Type);
            if (tensor.Scale is { } scale)
            {
                json.WriteNumber("scale", scale);
                json.WriteNumber("zeroPoint", tensor.ZeroPoint);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteShape(Utf8JsonWriter json, string name, int[] shape)
    {
        json.WriteStartArray(name);
        foreach (int dimension in shape)
        {
            json.WriteNumberValue(dimension);
        }

        json.WriteEndArray();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, int? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
