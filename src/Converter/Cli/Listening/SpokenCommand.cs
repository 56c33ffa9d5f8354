using System.Globalization;
using System.Text.Json;
using TinyInference.Converter.Cli.VoiceCommands;

namespace TinyInference.Converter.Cli.Listening;

/// <summary>Words between two pauses, and what they want.</summary>
/// <param name="Begin">About the middle of the first word, in seconds.</param>
/// <param name="End">Likewise of the last one.</param>
/// <param name="Words">As they were heard, with spaces between them.</param>
internal sealed record SpokenCommand(double Begin, double End, string Words, SentenceAnswer Answer)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Begin,8:F2} s  > {Words}: {Answer.ToText()}");

    public static void Write(Utf8JsonWriter json, IReadOnlyList<SpokenCommand> commands)
    {
        json.WriteStartArray("commands");
        foreach (SpokenCommand command in commands)
        {
            json.WriteStartObject();
            json.WriteNumber("begin", Math.Round(command.Begin, 3));
            json.WriteNumber("end", Math.Round(command.End, 3));
            json.WriteString("words", command.Words);
            command.Answer.Write(json);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
