using System.Text;

namespace Converter.Tests.Device;

/// <summary>A client of the protocol with nothing of the tool's own: writes bytes to a terminal's file, reads lines from it.</summary>
internal sealed class TtyClient : IDisposable
{
    private readonly FileStream _file;
    private readonly List<byte> _log = [];

    public TtyClient(string path) => _file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, 0);

    /// <summary>Every byte that came.</summary>
    public IReadOnlyList<byte> Log => _log;

    public string[] Command(string command)
    {
        _file.Write(Encoding.ASCII.GetBytes(command + "%"));
        return ReadToReady();
    }

    /// <summary>Lines up to the one that is "m-ready".</summary>
    public string[] ReadToReady()
    {
        var lines = new List<string>();
        var line = new StringBuilder();
        byte[] one = new byte[1];
        while (true)
        {
            if (_file.Read(one, 0, 1) != 1)
            {
                throw new IOException("the device is gone");
            }

            _log.Add(one[0]);
            line.Append((char)one[0]);
            if (one[0] == '\n')
            {
                string text = line.ToString();
                Assert.IsTrue(text.EndsWith("\r\n", StringComparison.Ordinal), text);
                line.Clear();
                if (text == "m-ready\r\n")
                {
                    return [.. lines];
                }

                lines.Add(text[..^2]);
            }
        }
    }

    /// <summary>As the benchmark's runner: 31 bytes a command.</summary>
    public void Load(byte[] sample)
    {
        CollectionAssert.AreEqual(new[] { $"m-[Expecting {sample.Length} bytes]" }, Command($"db load {sample.Length}"));
        for (int i = 0; i < sample.Length; i += 31)
        {
            int count = Math.Min(31, sample.Length - i);
            string[] reply = Command("db " + Convert.ToHexStringLower(sample, i, count));
            CollectionAssert.AreEqual(i + count == sample.Length ? ["m-load-done"] : Array.Empty<string>(), reply);
        }
    }

    public void Dispose() => _file.Dispose();
}
