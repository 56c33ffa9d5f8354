using System.Text;

namespace Converter.Tests.Device;

/// <summary>The console against the MLPerf Tiny protocol, byte for byte.</summary>
[TestClass]
public class ProtocolTest
{
    private static readonly byte[] s_sample = [1, 2, 3, 250, 0, 128, 127, 9];

    [TestMethod]
    public void Boot_says_that_it_is_done() => Assert.AreEqual("m-init-done\r\nm-ready\r\n", new ConsoleHarness(TinyBlob.Create()).Boot);

    [TestMethod]
    [DataRow("name%", "m-name-dut-[board]")]
    [DataRow("profile%", "m-profile-[ULPMark for tinyML Firmware V0.0.1]\r\nm-model-[tiny]")]
    [DataRow("timestamp%", "m-lap-us-42")]
    [DataRow("db load 12%", "m-[Expecting 12 bytes]")]
    [DataRow("db load%", "e-[Command 'db load' requires the # of bytes]")]
    [DataRow("db load 0%", "e-[Command 'db load' must be >0 bytes]")]
    [DataRow("db load -3%", "e-[Command 'db load' must be >0 bytes]")]
    [DataRow("db load x%", "e-[Command 'db load' must be >0 bytes]")]
    [DataRow("db load 33%", "e-[Supplied buffer size 33 exceeds maximum of 32]")]
    [DataRow("db load 99999999999999999999%", "e-[Supplied buffer size 1000000000 exceeds maximum of 32]")]
    [DataRow("db%", "e-[Command 'db' requires a subcommand]")]
    [DataRow("db 123%", "e-[Insufficent number of hex digits]")]
    [DataRow("db 12g4%", "e-[Invalid hex digit 'g4']")]
    [DataRow("db 12%", "e-[Command 'db load' must come before the bytes]")]
    [DataRow("infer%", "e-[Command 'infer' requires the # of inferences]")]
    [DataRow("infer 0%", "e-[Inference iterations must be >0]")]
    [DataRow("infer -1%", "e-[Inference iterations must be >0]")]
    [DataRow("infer x%", "e-[Inference iterations must be >0]")]
    [DataRow("infer 1 -1%", "e-[Inference warmup must be >=0]")]
    [DataRow("heap%", "m-heap-free-1000\r\nm-heap-largest-500")]
    [DataRow("start%", "e-[This firmware has no streaming wake word]")]
    [DataRow("swap%", "e-[Command 'swap' requires a subcommand]")]
    [DataRow("swap 00%", "e-[Command 'swap load' must come before the bytes]")]
    [DataRow("swap load 5 12%", "e-[Command 'swap load' requires the # of bytes and their CRC-32 in 8 hex digits]")]
    [DataRow("swap load 0 12345678%", "e-[Command 'swap load' must be >0 bytes]")]
    [DataRow("say stop%", "e-[This model understands no commands]")]
    [DataRow("frob%", "e-[Unknown command: frob]")]
    [DataRow("NAME%", "e-[Unknown command: NAME]")]
    [DataRow("%", "e-[Unknown command: ]")]
    [DataRow("\r\n\0 name  \t%", "m-name-dut-[board]")]
    [DataRow("infer 3 2%", "m-warmup-start-2\r\nm-warmup-done\r\nm-infer-start-3\r\nm-lap-us-42\r\nm-lap-us-43\r\nm-infer-done\r\nm-results-[*]")]
    [DataRow("infer 1%", "m-warmup-start-10\r\nm-warmup-done\r\nm-infer-start-1\r\nm-lap-us-42\r\nm-lap-us-43\r\nm-infer-done\r\nm-results-[*]")]
    [DataRow("results%", "m-results-[0.000,0.000,0.000]")]
    public void Each_command_has_its_reply_and_ready(string command, string reply)
    {
        string actual = new ConsoleHarness(TinyBlob.Create()).Send(command);

        Assert.AreEqual(reply + "\r\nm-ready\r\n", System.Text.RegularExpressions.Regex.Replace(actual, @"\[[-0-9.,]+\]", m => reply.Contains("[*]", StringComparison.Ordinal) ? "[*]" : m.Value));
    }

    [TestMethod]
    public void A_sample_comes_in_pieces_and_can_be_printed()
    {
        var console = new ConsoleHarness(TinyBlob.Create());

        Assert.AreEqual("m-[Expecting 10 bytes]\r\nm-ready\r\n", console.Send("db load 10%"));
        Assert.AreEqual("m-ready\r\n", console.Send("db 0001020304%"));
        Assert.AreEqual("m-ready\r\n", console.Send("db aAbBcC%"));
        Assert.AreEqual("m-load-done\r\nm-ready\r\n", console.Send("db 0809FF%"));
        Assert.AreEqual("m-buffer-00-01-02-03-04-aa-bb-cc\r\nm-buffer-08-09\r\nm-ready\r\n", console.Send("db print%"));
        Assert.AreEqual("e-[Input has 10 bytes, expected 8]\r\nm-ready\r\n", console.Send("infer 1%"));
    }

    [TestMethod]
    public void Help_names_every_verb()
    {
        string help = new ConsoleHarness(TinyBlob.Create()).Send("help%");
        foreach (string verb in new[] { "help", "name", "profile", "timestamp", "db load", "db print", "infer", "results", "start", "stop", "print_detections", "say", "layers", "model", "heap", "swap" })
        {
            StringAssert.Contains(help, "\r\n" + verb);
        }
    }

    [TestMethod]
    public void Eighty_characters_are_a_command_and_one_more_is_none()
    {
        var console = new ConsoleHarness(TinyBlob.Create());
        string name = "name" + new string(' ', 76);

        Assert.AreEqual("m-name-dut-[board]\r\nm-ready\r\n", console.Send(name + "%"));
        Assert.AreEqual("e-[Command longer than 80 characters]\r\nm-ready\r\n", console.Send(name + " %"));
        Assert.AreEqual("m-name-dut-[board]\r\nm-ready\r\n", console.Send("name%"));
    }

    [TestMethod]
    public void Replies_do_not_depend_on_where_the_stream_is_split()
    {
        byte[] stream = Encoding.ASCII.GetBytes("name%db load 8%db 010203fa%db 00807f09%db print%infer 2 1%results%bad%model%");
        string whole = new ConsoleHarness(TinyBlob.Create()).Send(stream);
        for (int at = 0; at <= stream.Length; at++)
        {
            var console = new ConsoleHarness(TinyBlob.Create());
            Assert.AreEqual(whole, console.Send(stream[..at]) + console.Send(stream[at..]), $"split at {at}");
        }
    }

    [TestMethod]
    public void A_million_random_bytes_leave_it_answering()
    {
        var random = new Random(2024);
        var console = new ConsoleHarness(TinyBlob.Create());
        byte[] noise = new byte[1000];
        int ready = 0;
        int terminators = 0;
        for (int i = 0; i < 1000; i++)
        {
            random.NextBytes(noise);

            // Words that do something among the noise.
            Encoding.ASCII.GetBytes(new[] { "%infer 2 ", "%db ", "%swap load ", "%db load 8%", "%layers%" }[i % 5]).CopyTo(noise, random.Next(900));
            terminators += noise.Count(b => b == '%');
            ready += console.Send(noise).Split("m-ready\r\n").Length - 1;
        }

        Assert.AreEqual(terminators, ready);
        console.Send("%");
        Assert.AreEqual("m-name-dut-[board]\r\nm-ready\r\n", console.Send("name%"));
        StringAssert.EndsWith(console.Load(s_sample), "m-load-done\r\nm-ready\r\n");
        StringAssert.Contains(console.Send("infer 1 0%"), "m-infer-done\r\nm-results-[");
    }

    [TestMethod]
    public void Layers_have_a_line_each()
        => Assert.AreEqual("m-layer-0-3-us-1\r\nm-ready\r\n", new ConsoleHarness(TinyBlob.Create()).Send("layers%"));

    [TestMethod]
    public void The_wake_word_is_started_stopped_and_listed()
    {
        var console = new ConsoleHarness(TinyBlob.Create(), new TwoDetections());

        Assert.AreEqual("m-ready\r\n", console.Send("start%"));
        Assert.AreEqual("m-streaming-stopped\r\nm-ready\r\n", console.Send("stop%"));
        Assert.AreEqual("m-detection-us-1000\r\nm-detection-us-2000\r\nm-ready\r\n", console.Send("print_detections%"));
    }

    private sealed class TwoDetections : TinyInference.Device.IDetector
    {
        public int Count { get; private set; }

        public void Start() => Count = 0;

        public void Stop() => Count = 2;

        public long Microseconds(int index) => 1000 * (index + 1);
    }
}
