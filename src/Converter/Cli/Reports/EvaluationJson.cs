using System.Text.Json;
using TinyInference.Converter.Cli.Prediction;

namespace TinyInference.Converter.Cli.Reports;

/// <summary>An <see cref="EvaluationResult"/> for machines.</summary>
internal static class EvaluationJson
{
    public static void Write(EvaluationResult result, Utf8JsonWriter json)
    {
        json.WriteString("network", result.Network);
        json.WriteString("arithmetic", result.Arithmetic);
        json.WriteString("metric", result.Metric);
        WriteReal(json, "value", result.Value);
        json.WriteNumber("samples", result.Samples);
        foreach ((string name, double value) in result.Further)
        {
            WriteReal(json, name, value);
        }

        if (result.Confusion is not { } confusion)
        {
            return;
        }

        json.WriteNumber("correct", confusion.Correct);
        json.WriteStartArray("classes");
        for (int i = 0; i < confusion.Classes; i++)
        {
            json.WriteStartObject();
            json.WriteString("name", result.ClassNames[i]);
            json.WriteNumber("samples", confusion.Support(i));
            WriteReal(json, "recall", confusion.Recall(i));
            WriteReal(json, "precision", confusion.Precision(i));
            WriteReal(json, "f1", confusion.F1(i));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("confusion");
        for (int label = 0; label < confusion.Classes; label++)
        {
            json.WriteStartArray();
            for (int predicted = 0; predicted < confusion.Classes; predicted++)
            {
                json.WriteNumberValue(confusion[label, predicted]);
            }

            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    /// <summary>JSON has no NaN (a class without samples has no recall): null.</summary>
    private static void WriteReal(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumber(name, value);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
