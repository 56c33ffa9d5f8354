using System.CommandLine;
using System.Diagnostics;
using Spectre.Console;
using TinyInference.Converter.Commands;

namespace TinyInference.Converter.Cli.VoiceCommands;

/// <summary>commands chat: sentences from the terminal or a pipe, each with its answer.</summary>
internal static class CommandsChatVerb
{
    /// <summary>Bytes of a line: more is no sentence.</summary>
    private const int MostBytes = 1 << 20;

    public static Command Create(Screen screen, CancellationToken cancellation)
    {
        Argument<string> blob = Arguments.Path("BLOB", "a network for commands, a .tinf file");
        var command = new Command("chat", "Reads sentences, one a line, and says what each wants. An empty line or the end of the input ends it.") { blob };
        command.SetAction(parse => Run(parse.GetRequiredValue(blob), screen, cancellation));
        return command.WithExample("commands chat commands.tinf");
    }

    private static int Run(string blob, Screen screen, CancellationToken cancellation)
    {
        var runner = new CommandRunner(BlobFile.Load(blob), blob);
        screen.Note($"{runner.Intents.Count(i => i != CommandExample.Other)} intents; a sentence a line, an empty line ends");
        using Stream input = screen.OpenInput();
        foreach (byte[] line in Lines(input))
        {
            cancellation.ThrowIfCancellationRequested();
            if (line.Length == 0)
            {
                break;
            }

            screen.Results.WriteLine(Answer(runner, line));
            screen.Flush();
        }

        return ExitCode.Done;
    }

    /// <summary>One line: intent, slots, confidence and time, or that it is not understood.</summary>
    public static string Answer(CommandRunner runner, byte[] sentence)
    {
        long start = Stopwatch.GetTimestamp();
        var answer = SentenceAnswer.Of(runner, sentence);
        return answer.ToText($", {Stopwatch.GetElapsedTime(start).TotalMilliseconds:F1} ms");
    }

    private static IEnumerable<byte[]> Lines(Stream input)
    {
        var line = new List<byte>();
        byte[] buffer = new byte[4096];
        int count;
        while ((count = input.Read(buffer)) > 0)
        {
            foreach (byte b in buffer.AsSpan(0, count).ToArray())
            {
                if (b == '\n')
                {
                    yield return Take(line);
                }
                else if (line.Count < MostBytes)
                {
                    line.Add(b);
                }
            }
        }

        if (line.Count > 0)
        {
            yield return Take(line);
        }
    }

    private static byte[] Take(List<byte> line)
    {
        if (line.Count > 0 && line[^1] == '\r')
        {
            line.RemoveAt(line.Count - 1);
        }

        byte[] bytes = [.. line];
        line.Clear();
        return bytes;
    }
}
