using TinyInference.Converter;
using TinyInference.Converter.Commands;
using TinyInference.Testing;

namespace Converter.Tests.Device;

/// <summary>Sentences that the console is told, answered as the tool answers them.</summary>
[TestClass]
public class SentenceTest
{
    private static readonly byte[] s_blob = File.ReadAllBytes(Path.Combine(SharedFiles.Repository, "samples", "commands", "commands.tinf"));

    [TestMethod]
    [DataRow("stop")]
    [DataRow("please vacuum under the bed at nine")]
    [DataRow("  Turn the GUEST network off!  ")]
    [DataRow("no internet for the kids' tablet until seven")]
    [DataRow("play some jazz by miles davis")]
    [DataRow("zorb gralph nirk")]
    public void What_a_sentence_wants(string sentence)
    {
        var runner = new CommandRunner(TinyInference.Model.Load(s_blob), "sample");
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(sentence);
        CommandAnswer answer = runner.Answer(bytes);
        string expected = $"{(answer.IsUnderstood ? "m-intent" : "m-not-understood")}-[{answer.Intent}]\r\nm-confidence-[{answer.Confidence}]\r\n"
            + string.Concat(answer.IsUnderstood ? runner.Spans(bytes, answer).Select(s => $"m-slot-{s.Slot}-[{s.Words}]\r\n") : []) + "m-ready\r\n";

        Assert.AreEqual(expected, new ConsoleHarness(s_blob).Send($"say {sentence}%"));
    }

    [TestMethod]
    public void The_sentence_before_leaves_nothing()
    {
        var console = new ConsoleHarness(s_blob);
        string first = console.Send("say stop%");
        StringAssert.StartsWith(first, "m-intent-[vacuum_stop]");
        Assert.AreEqual("m-not-understood-[]\r\nm-confidence-[0]\r\nm-ready\r\n", console.Send("say%"));
        StringAssert.StartsWith(console.Send("infer 1 0%"), "m-warmup-start-0");
        StringAssert.StartsWith(console.Send("say " + new string('x', 90) + "%"), "e-[Command longer");
        Assert.AreEqual(first, console.Send("say stop%"));
    }

    [TestMethod]
    public void Bytes_that_are_no_text_are_answered()
    {
        var console = new ConsoleHarness(s_blob);
        string reply = console.Send([(byte)'s', (byte)'a', (byte)'y', (byte)' ', 0xFF, 0xC3, 0x28, 0xED, 0xA0, (byte)'%']);
        StringAssert.EndsWith(reply, "m-ready\r\n");
        Assert.IsTrue(reply.All(c => c is '\r' or '\n' or (>= ' ' and <= '~')), reply);
    }
}
