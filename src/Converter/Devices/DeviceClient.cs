using System.Text;

namespace TinyInference.Converter.Devices;

/// <summary>Talks to a device's console: sends a command, reads lines up to "m-ready".</summary>
internal sealed class DeviceClient : IDisposable
{
    /// <summary>A command has 80 characters; "db " or "swap " and this many bytes in hex always fit.</summary>
    private const int BytesInCommand = 37;

    private const int MostLineCharacters = 1 << 16;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_quiet = TimeSpan.FromMilliseconds(200);

    private readonly IHostLine _line;
    private readonly CancellationToken _cancellation;
    private readonly byte[] _received = new byte[4096];
    private int _position;
    private int _count;

    private DeviceClient(IHostLine line, string port, CancellationToken cancellation)
    {
        _line = line;
        Port = port;
        _cancellation = cancellation;
    }

    /// <summary>As the user gave it.</summary>
    public string Port { get; }

    /// <param name="port">A serial port or pseudo-terminal, or tcp:HOST:PORT.</param>
    /// <exception cref="InputException">It cannot be opened, or what is there does not answer as a device.</exception>
    public static DeviceClient Connect(string port, CancellationToken cancellation)
    {
        var client = new DeviceClient(Open(port, cancellation), port, cancellation);
        try
        {
            client.Synchronize();
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Sends a command and returns the lines of the reply, without "m-ready".</summary>
    /// <exception cref="InputException">The device reports an error, or does not answer in time.</exception>
    public List<string> Send(string command, TimeSpan? patience = null)
    {
        List<string> lines = SendUnchecked(command, patience ?? s_patience)
            ?? throw new InputException($"{Port}: no answer to '{command}' within {(patience ?? s_patience).TotalSeconds:0} s; is the device still connected?");
        return lines.Find(l => l.StartsWith("e-[", StringComparison.Ordinal)) is { } error
            ? throw new InputException($"{Port}: the device answers '{command}' with {error}")
            : lines;
    }

    /// <summary>The text in brackets after <paramref name="key"/> in the reply to a command.</summary>
    public string Ask(string command, string key) => Value(Send(command), key)
        ?? throw new InputException($"{Port}: the answer to '{command}' has no {key}[...]; the device's firmware does not follow the protocol");

    /// <summary>The text in brackets after <paramref name="key"/>; null where no line begins with it.</summary>
    public static string? Value(IEnumerable<string> lines, string key) => lines
        .Where(l => l.StartsWith(key + "[", StringComparison.Ordinal) && l.EndsWith(']'))
        .Select(l => l[(key.Length + 1)..^1])
        .FirstOrDefault();

    /// <summary>Sends bytes in pieces, after the command that announces them.</summary>
    /// <param name="verb">db or swap.</param>
    /// <param name="announcement">What follows "load".</param>
    /// <param name="bytes">All of them.</param>
    /// <param name="progress">Told how many are sent.</param>
    /// <returns>The reply to the last piece.</returns>
    public List<string> Load(string verb, string announcement, ReadOnlySpan<byte> bytes, Action<int>? progress = null)
    {
        List<string> reply = Send($"{verb} load {announcement}");
        for (int i = 0; i < bytes.Length; i += BytesInCommand)
        {
            reply = Send($"{verb} {Convert.ToHexStringLower(bytes.Slice(i, Math.Min(BytesInCommand, bytes.Length - i)))}");
            progress?.Invoke(i);
        }

        return reply;
    }

    public void Dispose() => _line.Dispose();

    private static IHostLine Open(string port, CancellationToken cancellation)
    {
        const string Tcp = "tcp:";
        if (!port.StartsWith(Tcp, StringComparison.Ordinal))
        {
            return Terminal.Open(port, cancellation);
        }

        int colon = port.LastIndexOf(':');
        string host = colon > Tcp.Length ? port[Tcp.Length..colon] : "";
        return host.Length > 0 && ushort.TryParse(port.AsSpan(colon + 1), out ushort number)
            ? new SocketLine(host, number, cancellation)
            : throw new InputException($"{port}: a TCP port is tcp:HOST:PORT");
    }

    /// <summary>Ends whatever was half sent before, lets a device that restarts come up, and forgets what it said until then.</summary>
    private void Synchronize()
    {
        const int Attempts = 5;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            Write("%timestamp%");
            List<string>? lines = ReadReply(TimeSpan.FromSeconds(1), until: "m-lap-us-");
            if (lines is not null)
            {
                Drain();
                return;
            }
        }

        throw new InputException($"{Port}: nothing there answers as a TinyInference device; is the application on the board, and the port the right one?");
    }

    private List<string>? SendUnchecked(string command, TimeSpan patience)
    {
        Write(command + "%");
        return ReadReply(patience, until: null);
    }

    private void Write(string text)
    {
        _cancellation.ThrowIfCancellationRequested();
        byte[] bytes = Encoding.ASCII.GetBytes(text);
        _line.Write(bytes, 0, bytes.Length);
    }

    /// <summary>Lines up to "m-ready"; with <paramref name="until"/> only where a line begins so; null when they do not come.</summary>
    private List<string>? ReadReply(TimeSpan patience, string? until)
    {
        var lines = new List<string>();
        bool isFound = until is null;
        while (ReadLine(patience) is { } line)
        {
            if (line == "m-ready" && isFound)
            {
                return lines;
            }

            isFound |= until is not null && line.StartsWith(until, StringComparison.Ordinal);
            lines.Add(line);
        }

        _cancellation.ThrowIfCancellationRequested();
        return null;
    }

    private string? ReadLine(TimeSpan patience)
    {
        var text = new StringBuilder();
        while (text.Length < MostLineCharacters)
        {
            if (_position == _count && !Fill(patience))
            {
                return null;
            }

            char c = (char)_received[_position++];
            if (c == '\n')
            {
                return text.ToString();
            }

            if (c != '\r')
            {
                text.Append(c);
            }
        }

        return null;
    }

    private bool Fill(TimeSpan patience)
    {
        _position = 0;
        _count = _line.Read(_received, patience);
        return _count > 0;
    }

    private void Drain()
    {
        while (Fill(s_quiet))
        {
        }

        _position = _count;
    }
}
