using System.Runtime.InteropServices;
using TinyInference.Device;

namespace TinyInference.Converter.Devices;

/// <summary>One end of a serial line or pseudo-terminal, read and written without buffering. Reading ends when cancelled.</summary>
internal sealed class Terminal : IByteChannel, IHostLine
{
    /// <summary>How long a cancelled wait may go on, in milliseconds.</summary>
    private const int PollMilliseconds = 50;

    private readonly int _file;
    private readonly int _keptOpen;
    private readonly CancellationToken _cancellation;

    /// <param name="keptOpen">The other end of a pseudo-terminal, held open so that it survives its users; -1 for none.</param>
    private Terminal(int file, int keptOpen, string name, CancellationToken cancellation)
    {
        _file = file;
        _keptOpen = keptOpen;
        _cancellation = cancellation;
        Name = name;
    }

    /// <summary>What a program opens to talk over this line.</summary>
    public string Name { get; }

    /// <summary>Opens a serial line or the named end of a pseudo-terminal: 115200 baud, 8 bits, no parity, 1 stop bit, raw.</summary>
    /// <exception cref="InputException">It is no terminal or cannot be opened.</exception>
    public static Terminal Open(string path, CancellationToken cancellation)
    {
        CheckAvailable("serial ports");

        // Non-blocking: a line without carrier would not open otherwise. All waiting is poll's.
        int file = Libc.Open(path, Libc.ReadWrite | Libc.NoControllingTerminal | Libc.NonBlocking);
        if (file < 0)
        {
            throw new InputException($"{path}: cannot be opened: {Reason()}; is the device connected, and may you use its port?");
        }

        if (!SetRaw(file))
        {
            string reason = Reason();
            _ = Libc.Close(file);
            throw new InputException($"{path}: is no serial port: {reason}");
        }

        return new Terminal(file, -1, path, cancellation);
    }

    /// <summary>Creates a pseudo-terminal; <see cref="Name"/> is the end for others.</summary>
    /// <exception cref="InputException">The system has none to give.</exception>
    public static Terminal CreatePseudo(CancellationToken cancellation)
    {
        CheckAvailable("pseudo-terminals");
        int file = Libc.OpenPseudoTerminal(Libc.ReadWrite | Libc.NoControllingTerminal);
        int other = -1;
        string? name = null;
        if (file >= 0 && Libc.Grant(file) == 0 && Libc.Unlock(file) == 0)
        {
            name = Marshal.PtrToStringUTF8(Libc.SlaveName(file));
            other = name is null ? -1 : Libc.Open(name, Libc.ReadWrite | Libc.NoControllingTerminal);
        }

        if (name is not null && other >= 0 && SetRaw(other))
        {
            return new Terminal(file, other, name, cancellation);
        }

        string reason = Reason();
        foreach (int open in new[] { file, other }.Where(f => f >= 0))
        {
            _ = Libc.Close(open);
        }

        throw new InputException($"a pseudo-terminal cannot be had: {reason}; use --tcp PORT instead");
    }

    public int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count), Timeout.InfiniteTimeSpan);

    /// <summary>Waits for bytes; 0 when none came in time, the wait was cancelled, or the line is gone.</summary>
    public int Read(Span<byte> buffer, TimeSpan patience)
    {
        long deadline = patience < TimeSpan.Zero ? long.MaxValue : Environment.TickCount64 + (long)patience.TotalMilliseconds;
        while (!_cancellation.IsCancellationRequested)
        {
            if (WaitFor(Libc.PollIn, deadline))
            {
                nint read = Libc.Read(_file, ref MemoryMarshal.GetReference(buffer), (nuint)buffer.Length);
                if (read >= 0 || Marshal.GetLastPInvokeError() != Libc.Interrupted)
                {
                    return (int)Math.Max(read, 0);
                }
            }

            if (Environment.TickCount64 >= deadline)
            {
                return 0;
            }
        }

        return 0;
    }

    public void Write(byte[] buffer, int offset, int count)
    {
        while (count > 0 && !_cancellation.IsCancellationRequested)
        {
            if (!WaitFor(Libc.PollOut, long.MaxValue))
            {
                continue;
            }

            nint written = Libc.Write(_file, ref buffer[offset], (nuint)count);
            if (written > 0)
            {
                offset += (int)written;
                count -= (int)written;
            }
            else if (Marshal.GetLastPInvokeError() is not (Libc.Interrupted or 11 or 35))
            {
                throw new InputException($"{Name}: cannot be written: {Reason()}");
            }
        }
    }

    public void Dispose()
    {
        _ = Libc.Close(_file);
        if (_keptOpen >= 0)
        {
            _ = Libc.Close(_keptOpen);
        }
    }

    /// <summary>Whether the file is ready within a poll's time.</summary>
    private bool WaitFor(short events, long deadline)
    {
        int[] files = [_file, events];
        int wait = (int)Math.Clamp(deadline - Environment.TickCount64, 0, PollMilliseconds);
        return Libc.Poll(files, 1, wait) > 0;
    }

    private static bool SetRaw(int file)
    {
        byte[] termios = new byte[Libc.TermiosBytes];
        if (Libc.GetAttributes(file, termios) != 0)
        {
            return false;
        }

        Libc.MakeRaw(termios);
        IgnoreModemLines(termios);
        return Libc.SetSpeed(termios, Libc.Baud115200) == 0 && Libc.SetAttributes(file, 0, termios) == 0;
    }

    /// <summary>CREAD and CLOCAL of c_cflag, the third member of struct termios.</summary>
    private static void IgnoreModemLines(byte[] termios)
    {
        if (OperatingSystem.IsMacOS())
        {
            termios[17] |= 0x88;
        }
        else
        {
            termios[8] |= 0x80;
            termios[9] |= 0x08;
        }
    }

    private static void CheckAvailable(string what)
    {
        if (!Libc.IsAvailable)
        {
            throw new InputException($"{what} are not available on this system; use TCP (device --tcp PORT, bench --port tcp:HOST:PORT)");
        }
    }

    private static string Reason() => Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError());
}
