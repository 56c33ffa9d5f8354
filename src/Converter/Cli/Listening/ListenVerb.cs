using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using TinyInference.Converter.Sound;

namespace TinyInference.Converter.Cli.Listening;

/// <summary>listen: words and their times in a recording, or in sound as it comes in.</summary>
internal sealed class ListenVerb
{
    private const long MostBytes = 1L << 30;

    private readonly Argument<string> _file = Arguments.Path("FILE", "a WAV file; '-' for standard input, 16-bit samples at the network's rate, with or without a WAV header");
    private readonly Option<string> _keywords = Arguments.RequiredPath("--keywords", "KWS.tinf", "a network that 'keywords train' made");
    private readonly Option<float?> _threshold = Arguments.Real("--threshold", "P", "how sure a word must be, 0 to 1; default 0.7");
    private readonly Option<int?> _every = Arguments.Count("--every", "milliseconds from an answer of the network to the next; default 100", 100);
    private readonly Option<int?> _average = Arguments.Count("--average", "answers that are averaged; default 4", 4);
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
        var command = new Command("listen", "Prints the words in a recording and their times, as the device would hear them. From a microphone: arecord -t raw -f S16_LE -r 16000 | tinyinference listen - --keywords kws.tinf")
        {
            verb._file, verb._keywords, verb._threshold, verb._every, verb._average, verb._json,
        };
        command.SetAction(verb.Run);
        return command.WithExample("listen recording.wav --keywords kws.tinf");
    }

    private int Run(ParseResult parse)
    {
        string path = parse.GetRequiredValue(_file);
        KeywordListener listener = CreateListener(parse);
        var words = new List<HeardWord>();
        bool json = parse.GetValue(_json);
        Action<HeardWord> heard = word =>
        {
            words.Add(word);
            if (!json)
            {
                _screen.Results.WriteLine(word.ToString());
                _screen.Flush();
            }
        };
        double seconds = path == "-" ? ListenToStream(listener, heard) : ListenToFile(path, listener, heard);
        if (json)
        {
            _screen.Json(writer => HeardWord.Write(writer, words, seconds));
        }
        else
        {
            _screen.Note(string.Create(CultureInfo.InvariantCulture, $"{words.Count} {(words.Count == 1 ? "word" : "words")} in {seconds:F1} s"));
        }

        return ExitCode.Done;
    }

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
            int frame = tables is null ? 1 : Math.Max(1, tables.StepSamples * 1000 / tables.SampleRate);
            int hop = Math.Max(1, (parse.GetValue(_every) ?? 100) / frame);
            var listener = new KeywordListener(model, hop, Math.Min(parse.GetValue(_average) ?? 4, 1000));
            listener.Detector.Threshold = (int)(threshold * 255);
            return listener;
        }
        catch (BlobException e)
        {
            throw new InputException($"{path}: is no keyword network: it has no tables for sound, or no labels; make one with '{Tool.Name} keywords train', or convert one with --labels and MFCC data", e);
        }
    }

    private double ListenToFile(string path, KeywordListener listener, Action<HeardWord> heard)
    {
        float[] sound = SoundReader.FromWav(Files.Read(path, MostBytes), path, listener.Tables.SampleRate, _screen.Note);
        var recording = new Recording(listener, heard);
        recording.Push(SoundReader.ToPcm(sound), _cancellation);
        recording.End();
        return (double)sound.Length / listener.Tables.SampleRate;
    }

    private double ListenToStream(KeywordListener listener, Action<HeardWord> heard)
    {
        using Stream input = _screen.OpenInput();
        var recording = new Recording(listener, heard);
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
