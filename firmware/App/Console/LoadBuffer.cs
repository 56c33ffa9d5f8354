using System;

namespace TinyInference.Device;

/// <summary>The bytes of one sample, as "db" loads them.</summary>
internal sealed class LoadBuffer
{
    private const int PrintedInLine = 8;

    private readonly HexBytes _hex = new();

    /// <summary>What was loaded; its length is the expected one.</summary>
    internal byte[] Bytes { get; private set; } = new byte[0];

    /// <summary>How much of <see cref="Bytes"/> has come.</summary>
    internal int Loaded { get; private set; }

    internal bool IsComplete => Loaded == Bytes.Length;

    /// <summary>db load N, db print, db HH... More than <paramref name="mostBytes"/> the model cannot use.</summary>
    internal void Run(HostCommand command, int mostBytes, ReplyWriter reply)
    {
        string word = command.NextWord();
        switch (word)
        {
            case null:
                reply.Line("e-[Command 'db' requires a subcommand]");
                break;
            case "load":
                Begin(command.NextWord(), mostBytes, reply);
                break;
            case "print":
                Print(reply);
                break;
            default:
                Append(word, reply);
                break;
        }
    }

    private void Begin(string word, int mostBytes, ReplyWriter reply)
    {
        if (word is null)
        {
            reply.Line("e-[Command 'db load' requires the # of bytes]");
            return;
        }

        int length = Numbers.Leading(word);
        if (length <= 0)
        {
            reply.Line("e-[Command 'db load' must be >0 bytes]");
        }
        else if (length > mostBytes)
        {
            reply.Text("e-[Supplied buffer size ").Number(length).Text(" exceeds maximum of ").Number(mostBytes).Line("]");
        }
        else
        {
            Loaded = 0;
            if (Bytes.Length != length)
            {
                // The old array is let go first: both together may not fit.
                Bytes = null;
                Bytes = Allocate(length);
            }

            if (Bytes.Length != length)
            {
                reply.Text("e-[No memory for ").Number(length).Line(" bytes]");
                return;
            }

            reply.Text("m-[Expecting ").Number(length).Line(" bytes]");
        }
    }

    private void Append(string word, ReplyWriter reply)
    {
        int count = _hex.Read(word, reply);
        if (count < 0)
        {
            return;
        }

        // What comes after the last expected byte is disregarded.
        if (Loaded == Bytes.Length)
        {
            reply.Line("e-[Command 'db load' must come before the bytes]");
            return;
        }

        int room = Bytes.Length - Loaded;
        int taken = count < room ? count : room;
        Array.Copy(_hex.Bytes, 0, Bytes, Loaded, taken);
        Loaded += taken;
        if (IsComplete)
        {
            reply.Line("m-load-done");
        }
    }

    private void Print(ReplyWriter reply)
    {
        for (int i = 0; i < Bytes.Length; i++)
        {
            reply.Text(i % PrintedInLine == 0 ? "m-buffer-" : "-").Hex(Bytes[i]);
            if (i % PrintedInLine == PrintedInLine - 1 || i == Bytes.Length - 1)
            {
                reply.Line();
            }
        }
    }

    /// <summary>An empty array where there is no memory.</summary>
    private static byte[] Allocate(int length)
    {
        try
        {
            return new byte[length];
        }
        catch (OutOfMemoryException)
        {
            return new byte[0];
        }
    }
}
