#nullable disable
using System.Text;
using TinyInference.Device;

namespace TinyInference.Emulator;

/// <summary>The console on a line that only remembers: the emulator has no serial port.</summary>
[TestClass]
public class ConsoleTest
{
    [TestMethod]
    public void Each_command_has_its_reply()
    {
        var line = new Line();
        var console = new DeviceConsole(line, line, line, new MemoryModelStore(Vectors.Blobs[0]), null, "emulator");
        console.Boot();
        Assert.AreEqual("m-init-done\r\nm-ready\r\n", line.Take());
        Assert.AreEqual("m-name-dut-[emulator]\r\nm-ready\r\n", Send(console, line, "name%"));
        Assert.AreEqual("e-[Unknown command: frob]\r\nm-ready\r\n", Send(console, line, "frob%"));
        Assert.AreEqual("e-[Inference iterations must be >0]\r\nm-ready\r\n", Send(console, line, "infer 0%"));
        string reply = Send(console, line, "infer 1 0%");
        Assert.IsTrue(reply.IndexOf("m-infer-done\r\nm-results-[") > 0, reply);
    }

    private static string Send(DeviceConsole console, Line line, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        console.Receive(bytes, 0, bytes.Length);
        return line.Take();
    }

    private sealed class Line : IByteChannel, IClock, IHeap
    {
        private readonly StringBuilder _text = new();

        public long Microseconds => 1;

        public long FreeBytes => -1;

        public long LargestBlock => -1;

        public int Read(byte[] buffer, int offset, int count) => 0;

        public void Write(byte[] buffer, int offset, int count) => _text.Append(Encoding.UTF8.GetString(buffer, offset, count));

        public string Take()
        {
            string text = _text.ToString();
            _text.Clear();
            return text;
        }
    }
}
