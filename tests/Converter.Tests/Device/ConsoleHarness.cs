using System.Text;
using TinyInference;
using TinyInference.Device;

namespace Converter.Tests.Device;

/// <summary>A console on a line without a host, with a clock that goes on by a microsecond whenever it is read.</summary>
internal sealed class ConsoleHarness : IClock, IHeap
{
    private readonly FakeLine _line = new();
    private long _time = 41;

    public ConsoleHarness(byte[] blob, IDetector? detector = null)
        : this(new MemoryModelStore(blob), detector)
    {
    }

    public ConsoleHarness(IModelStore store, IDetector? detector = null)
    {
        Console = new DeviceConsole(_line, this, this, store, detector!, "board");
        Console.Boot();
        Boot = _line.Take();
    }

    public DeviceConsole Console { get; }

    public string Boot { get; }

    public long Microseconds => ++_time;

    public long FreeBytes => 1000;

    public long LargestBlock => 500;

    /// <summary>Sends characters and returns what came back.</summary>
    public string Send(string text) => Send(Encoding.Latin1.GetBytes(text));

    public string Send(byte[] bytes)
    {
        Console.Receive(bytes, 0, bytes.Length);
        return _line.Take();
    }

    /// <summary>Loads a sample as the benchmark's runner does: 31 bytes a command.</summary>
    public string Load(ReadOnlySpan<byte> sample, string verb = "db")
    {
        string reply = Send($"{verb} load {sample.Length}%");
        for (int i = 0; i < sample.Length; i += 31)
        {
            reply = Send($"{verb} {Convert.ToHexStringLower(sample.Slice(i, Math.Min(31, sample.Length - i)))}%");
        }

        return reply;
    }

    /// <summary>Announces and sends a new blob, up to <paramref name="characters"/> of what is to be sent.</summary>
    public static string SwapText(byte[] blob, uint checksum)
    {
        var text = new StringBuilder($"swap load {blob.Length} {checksum:x8}%");
        for (int i = 0; i < blob.Length; i += 37)
        {
            text.Append("swap ").Append(Convert.ToHexStringLower(blob, i, Math.Min(37, blob.Length - i))).Append('%');
        }

        return text.ToString();
    }

    public static uint Crc(byte[] bytes)
    {
        var crc = new Crc32();
        crc.Add(bytes, 0, bytes.Length);
        return crc.Value;
    }
}
