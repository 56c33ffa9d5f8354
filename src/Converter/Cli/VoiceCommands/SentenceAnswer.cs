using System.Text;
using System.Text.Json;
using TinyInference.Converter.Commands;

namespace TinyInference.Converter.Cli.VoiceCommands;

/// <summary>What a network for commands says of a sentence, as text and as JSON.</summary>
/// <param name="Answer">Intent and confidence.</param>
/// <param name="Slots">Their names and their words as they were written.</param>
/// <param name="UnknownWords">Words that the network does not know.</param>
internal sealed record SentenceAnswer(CommandAnswer Answer, IReadOnlyList<(string Slot, string Words)> Slots, int UnknownWords)
{
    /// <param name="sentence">UTF-8; whatever its bytes are, there is an answer.</param>
    public static SentenceAnswer Of(CommandRunner runner, byte[] sentence)
    {
        CommandAnswer answer = runner.Answer(sentence);
        return new SentenceAnswer(answer, [.. runner.Spans(sentence, answer)], runner.UnknownCount);
    }

    public static SentenceAnswer Of(CommandRunner runner, string sentence) => Of(runner, Encoding.UTF8.GetBytes(sentence));

    /// <summary>One line: intent, slots and confidence, or that it is not understood.</summary>
    /// <param name="remark">Written behind the confidence.</param>
    public string ToText(string remark = "")
    {
        if (!Answer.IsUnderstood)
        {
            string guess = Answer.Slots.Count == 0 ? "no words" : Answer.Intent == CommandExample.Other ? $"{Answer.Confidence} % no command" : $"{Answer.Intent} {Answer.Confidence} %, {UnknownWords} unknown words";
            return $"not understood ({guess}{remark})";
        }

        return $"{Answer.Intent}{string.Concat(Slots.Select(s => $"  {s.Slot}: {s.Words}"))}  ({Answer.Confidence} %{remark})";
    }

    /// <summary>Members of an object. The intent of what is not understood is null.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteBoolean("understood", Answer.IsUnderstood);
        json.WriteString("intent", Answer.IsUnderstood ? Answer.Intent : null);
        json.WriteNumber("confidence", Answer.Confidence);
        json.WriteStartArray("slots");
        foreach ((string slot, string words) in Answer.IsUnderstood ? Slots : [])
        {
            json.WriteStartObject();
            json.WriteString("slot", slot);
            json.WriteString("words", words);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
