using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using TinyInference.Converter.Boards;
using TinyInference.Converter.Cli.VoiceCommands;
using TinyInference.Converter.Commands;
using TinyInference.Converter.Estimation;
using TinyInference.Converter.Sound;

namespace TinyInference.Converter.Cli.Listening;

/// <summary>listen: words and their times in a recording, or in sound as it comes in, and the commands that they make.</summary>
internal sealed class ListenVerb
{
    private const long MostBytes = 1L << 30;

    /// <summary>What listening costs is said for this board where none is named.</summary>
    public const string UsualBoard = "esp32-wroom-32";


    private readonly Argument<string> _file = Arguments.Path("FILE", "a WAV file; '-' for standard input, 16-bit samples at the network's rate, with or without a WAV header");
    private readonly Option<string> _keywords = Arguments.RequiredPath("--keywords", "KWS.tinf", "a network that 'keywords train' made");
    private readonly Option<string?> _commands = Arguments.Text("--commands", "COMMANDS.tinf", "a network that 'commands train' made: what lies between two pauses is a sentence, which it answers");
    private readonly Option<float?> _pause = Arguments.Real("--pause", "SECONDS", "from a word to the next, that end a sentence; default 1.5");
    private readonly Option<float?> _threshold = Arguments.Real("--threshold", "P", "how sure a word must be, 0 to 1; default 0.7");
    private readonly Option<int?> _every = Arguments.Count("--every", "milliseconds from an answer of the network to the next; default 100", 100);
    private readonly Option<int?> _average = Arguments.Count("--average", "answers that are averaged; default 4", 4);
    private readonly Option<string?> _board = Arguments.Text("--board", "NAME|FILE", $"what real time would cost there is said at the end; default {UsualBoard}");
    private readonly Option<bool> _json = Arguments.Flag("--json", "one JSON object on standard output");
    private readonly Screen _screen;
    private readonly CancellationToken _cancellation;

    private ListenVerb(Screen screen, CancellationToken cancellation)
    {
        _screen = screen;
        _cancellation = cancellation;
    }

    public static Command Create(Screen screen, CancellationToken cancellation)
    {
        var verb = new ListenVerb(screen, cancellation);
        var command = new Command("listen", "Prints the words in a recording and their times, as the device would hear them, and the commands they make. From a microphone: arecord -t raw -f S16_LE -r 16000 | tinyinference listen - --keywords kws.tinf")
        {
            verb._file, verb._keywords, verb._commands, verb._pause, verb._threshold, verb._every, verb._average, verb._board, verb._json,
        };
        command.SetAction(verb.Run);
        return command.WithExample("listen recording.wav --keywords kws.tinf --commands commands.tinf");
    }

    private int Run(ParseResult parse)
    {
        string path = parse.GetRequiredValue(_file);
        Board board = BoardFiles.Load(parse.GetValue(_board) ?? UsualBoard);
        KeywordListener listener = CreateListener(parse);
        var words = new List<HeardWord>();
        var said = new List<SpokenCommand>();
        bool json = parse.GetValue(_json);
        void Show(object found)
        {
            if (!json)
            {
                _screen.Results.WriteLine(found.ToString()!);
                _screen.Flush();
            }
        }

        SpokenCommands? commands = CreateCommands(parse, command =>
        {
            said.Add(command);
            Show(command);
        });
        var recording = new Recording(
            listener,
            word =>
            {
                words.Add(word);
                Show(word);
            },
            commands);
        double seconds = path == "-" ? ListenToStream(listener, recording) : ListenToFile(path, listener, recording);
        if (json)
        {
            _screen.Json(writer =>
            {
                HeardWord.Write(writer, words, seconds);
                if (commands is not null)
                {
                    SpokenCommand.Write(writer, said);
                }
            });
        }
        else
        {
            string sentences = commands is null ? "" : $", {said.Count} {(said.Count == 1 ? "sentence" : "sentences")}";
            _screen.Note(string.Create(CultureInfo.InvariantCulture, $"{words.Count} {(words.Count == 1 ? "word" : "words")}{sentences} in {seconds:F1} s"));
            _screen.Note(Cost(parse, board, listener.Tables));
        }

        return ExitCode.Done;
    }

    /// <summary>What this would take of a board's time.</summary>
    private string Cost(ParseResult parse, Board board, FeatureTables tables)
    {
        int every = Hop(parse, tables) * tables.StepSamples * 1000 / tables.SampleRate;
        return ListeningCost.Of(Files.Read(parse.GetRequiredValue(_keywords), BlobFile.MaximumBytes), board)!.Advice(board, Math.Max(1, every));
    }

    /// <summary>Frames from an answer to the next.</summary>
    private int Hop(ParseResult parse, FeatureTables tables) =>
        Math.Max(1, (parse.GetValue(_every) ?? 100) / Math.Max(1, tables.StepSamples * 1000 / tables.SampleRate));

    private KeywordListener CreateListener(ParseResult parse)
    {
        string path = parse.GetRequiredValue(_keywords);
        Model model = BlobFile.Load(path);
        float threshold = parse.GetValue(_threshold) ?? 0.7f;
        if (threshold is not (> 0 and <= 1))
        {
            throw new InputException(string.Create(CultureInfo.InvariantCulture, $"--threshold takes a number above 0 and up to 1, not {threshold}"));
        }

        try
        {
            FeatureTables? tables = FeatureTables.Of(model);
            var listener = new KeywordListener(model, tables is null ? 1 : Hop(parse, tables), Math.Min(parse.GetValue(_average) ?? 4, 1000));
            listener.Detector.Threshold = (int)(threshold * 255);
            return listener;
        }
        catch (BlobException e)
        {
            throw new InputException($"{path}: is no keyword network: it has no tables for sound, or no labels; make one with '{Tool.Name} keywords train', or convert one with --labels and MFCC data", e);
        }
    }

    /// <summary>Makes sentences of words, and has them answered; null without a network for commands.</summary>
    private SpokenCommands? CreateCommands(ParseResult parse, Action<SpokenCommand> understood)
    {
        float pause = parse.GetValue(_pause) ?? 1.5f;
        if (pause <= 0)
        {
            throw new InputException(string.Create(CultureInfo.InvariantCulture, $"--pause takes seconds above 0, not {pause}"));
        }

        if (parse.GetValue(_commands) is not { } path)
        {
            return parse.GetValue(_pause) is null ? null : throw new InputException("--pause ends sentences: it needs --commands");
        }

        var runner = new CommandRunner(BlobFile.Load(path), path);
        return new SpokenCommands(pause, words =>
        {
            string sentence = string.Join(' ', words.Select(w => w.Word));
            understood(new SpokenCommand(words[0].Time, words[^1].Time, sentence, SentenceAnswer.Of(runner, sentence)));
        });
    }

    private double ListenToFile(string path, KeywordListener listener, Recording recording)
    {
        float[] sound = SoundReader.FromWav(Files.Read(path, MostBytes), path, listener.Tables.SampleRate, _screen.Note);
        recording.Push(SoundReader.ToPcm(sound), _cancellation);
        recording.End();
        return (double)sound.Length / listener.Tables.SampleRate;
    }

    private double ListenToStream(KeywordListener listener, Recording recording)
    {
        using Stream input = _screen.OpenInput();
        long samples = 0;
        foreach (short[] piece in PcmStream.Read(input, "standard input", listener.Tables.SampleRate))
        {
            recording.Push(piece, _cancellation);
            samples += piece.Length;
        }

        if (samples == 0)
        {
            throw new InputException("standard input: holds no sound; give 16-bit samples, as from 'arecord -t raw -f S16_LE -r 16000'");
        }

        recording.End();
        return (double)samples / listener.Tables.SampleRate;
    }
}
