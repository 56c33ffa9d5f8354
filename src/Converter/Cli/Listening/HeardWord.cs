using System.Globalization;
using System.Text.Json;

namespace TinyInference.Converter.Cli.Listening;

/// <summary>A word that was heard.</summary>
/// <param name="Time">About its middle, in seconds.</param>
/// <param name="Score">How sure the network was, 0 to 1.</param>
internal readonly record struct HeardWord(double Time, string Word, double Score)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Time,8:F2} s  {Word,-12} {100 * Score,3:F0} %");

    public static void Write(Utf8JsonWriter json, IReadOnlyList<HeardWord> words, double seconds)
    {
        json.WriteNumber("seconds", Math.Round(seconds, 3));
        json.WriteStartArray("words");
        foreach (HeardWord word in words)
        {
            json.WriteStartObject();
            json.WriteNumber("time", Math.Round(word.Time, 3));
            json.WriteString("word", word.Word);
            json.WriteNumber("score", Math.Round(word.Score, 3));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
