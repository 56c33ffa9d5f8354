using TinyInference.Words;

namespace TinyInference.Device;

/// <summary>The answer to "say": what a sentence wants.</summary>
internal static class SentenceReport
{
    internal static void Write(CommandModel commands, HostCommand sentence, ReplyWriter reply)
    {
        byte[] text = sentence.Characters;
        commands.Read(text, sentence.Next, sentence.Count - sentence.Next);
        reply.Text(commands.IsUnderstood ? "m-intent-[" : "m-not-understood-[").Text(commands.WordCount == 0 ? "" : commands.IntentName(commands.Intent)).Line("]");
        reply.Text("m-confidence-[").Number(commands.Confidence).Line("]");
        if (commands.IsUnderstood)
        {
            Slots(commands, sentence, reply);
        }
    }

    /// <summary>Neighbouring words with the same slot are one line.</summary>
    private static void Slots(CommandModel commands, HostCommand sentence, ReplyWriter reply)
    {
        int count = commands.WordCount;
        for (int first = 0; first < count;)
        {
            int slot = commands.SlotOf(first);
            int last = first;
            while (last + 1 < count && commands.SlotOf(last + 1) == slot)
            {
                last++;
            }

            if (slot >= 0)
            {
                reply.Text("m-slot-").Text(commands.SlotName(slot)).Text("-[").Text(sentence.Text(commands.BeginOf(first), commands.EndOf(last))).Line("]");
            }

            first = last + 1;
        }
    }
}
