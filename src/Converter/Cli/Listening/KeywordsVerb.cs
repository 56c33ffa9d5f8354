using System.CommandLine;
using System.Globalization;
using TinyInference.Converter.Boards;
using TinyInference.Converter.Cli.Learning;
using TinyInference.Converter.Data;
using TinyInference.Converter.Evaluation;
using TinyInference.Converter.Export.Onnx;
using TinyInference.Converter.Features;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.IO;
using TinyInference.Converter.Sound;
using TinyInference.Converter.Training;

namespace TinyInference.Converter.Cli.Listening;

/// <summary>keywords train: from recorded and synthesised words to a network that hears them.</summary>
internal sealed class KeywordsVerb
{
    /// <summary>Synthesised clips among those that ranges are learned from.</summary>
    private const int SynthesisedForCalibration = 200;

    private readonly Option<string?> _clips = Arguments.Text("--clips", "FOLDER|ZIP", "WAV files, in a folder for each word or named as NAME_WORD_LABEL.wav");
    private readonly Option<string?> _words = Arguments.Text("--words", "LIST", "the keywords, as yes,no,stop; other clips are unknown words; default: all words of the clips");
    private readonly Option<bool> _synthesise = Arguments.Flag("--synthesise", "learn from words that espeak-ng and flite speak, too");
    private readonly Option<int?> _perWord = Arguments.Count("--per-word", "synthesised clips of each word; default 200", 200);
    private readonly Option<string?> _testVoice = Arguments.Text("--test-voice", "VOICE", "of flite (slt) or espeak-ng (+Andy): speaks nothing to learn from, but the test where there are no clips");
    private readonly Option<float?> _heldOut = Arguments.Real("--held-out", "PART", "of the recorded clips, for the test; default 0.2");
    private readonly Option<string?> _model = Arguments.Text("--model", "NETWORK", "a name as 'train' takes it; default: that of the size");
    private readonly Option<string?> _size = Arguments.Text("--size", "SIZE", "normal, or small: for devices that interpret it, an eighth of the work; default normal");
    private readonly Option<int?> _epochs = Arguments.Count("--epochs", "default 30", 30);
    private readonly Option<float?> _rate = Arguments.Real("--rate", "R", "learning rate; default 0.004");
    private readonly Option<int?> _seed = Arguments.Count("--seed", "decides all chance; default 1", 1);
    private readonly Option<string?> _onnx = Arguments.Text("--onnx", "FILE", "also write the float network");
    private readonly Option<bool> _json = Arguments.Flag("--json", "one JSON object on standard output");
    private readonly Option<string> _output = Arguments.RequiredPath("--output", "OUT.tinf", "the blob to write", "-o");
    private readonly Screen _screen;
    private readonly CancellationToken _cancellation;

    private KeywordsVerb(Screen screen, CancellationToken cancellation)
    {
        _screen = screen;
        _cancellation = cancellation;
    }

    public static Command Create(Screen screen, CancellationToken cancellation)
    {
        var verb = new KeywordsVerb(screen, cancellation);
        var command = new Command("train", "Trains a network on words and writes it as a blob. It learns from recorded clips, from synthesised speech, or both; 'listen' uses it.")
        {
            verb._clips, verb._words, verb._synthesise, verb._perWord, verb._testVoice, verb._heldOut, verb._size, verb._model, verb._epochs, verb._rate, verb._seed, verb._onnx, verb._json, verb._output,
        };
        command.SetAction(verb.Run);
        command.WithExample("keywords train --clips speech-commands-500-wav16k.zip --synthesise -o kws.tinf");
        return new Command("keywords", "Makes networks that hear words. What they hear in a recording 'listen' prints.") { command }
            .WithExample("keywords train --words vacuum,stop,home --synthesise -o kws.tinf");
    }

    private int Run(ParseResult parse)
    {
        string output = parse.GetRequiredValue(_output);
        Files.CheckWritable(output);
        string? onnx = parse.GetValue(_onnx);
        if (onnx is not null)
        {
            Files.CheckWritable(onnx);
        }

        int seed = parse.GetValue(_seed) ?? 1;
        KeywordSize size = KeywordSize.Of(parse.GetValue(_size));
        FeatureSettings features = size.Features;
        KeywordClips? recorded = parse.GetValue(_clips) is { } path ? KeywordClips.Read(path, _screen.Note) : null;
        KeywordClasses classes = KeywordClasses.Create(recorded?.ClassNames ?? [], Words(parse));
        (SpeechSynthesizer? synthesizer, SpeechSynthesizer? tester) = Synthesizers(parse, recorded is not null);
        (KeywordClip[] train, KeywordClip[] test) = Split(recorded, classes, HeldOut(parse), seed);
        int perWord = parse.GetValue(_perWord) ?? 200;
        KeywordClip[] synthesised = Synthesise(synthesizer, classes, perWord, seed);
        if (recorded is null && tester is not null)
        {
            test = Synthesise(tester, classes, Math.Max(1, perWord / 10), seed + 1);
        }
        else if (recorded is null)
        {
            // What is left to test with speaks in the same voices.
            (synthesised, test) = ([.. synthesised.Where((_, i) => i % 10 != 0)], [.. synthesised.Where((_, i) => i % 10 == 0)]);
        }

        (train, test, synthesised) = (KeywordClip.AtRate(train, features.SampleRate), KeywordClip.AtRate(test, features.SampleRate), KeywordClip.AtRate(synthesised, features.SampleRate));
        var shape = new Shape(features.Frames, features.Width, 1);
        Graph graph = NamedNetworks.Create(parse.GetValue(_model) ?? size.Network, shape, classes.Names.Count, seed);
        KeywordBlob.Describe(graph, classes.Names, features);
        var options = new KeywordTrainingOptions { Epochs = parse.GetValue(_epochs) ?? 30, Rate = Rate(parse), DisturbsFeatures = size.DisturbsFeatures, Seed = seed };
        float[][] backgrounds = [.. train.Where(c => c.Label == classes.SilenceLabel).Select(c => c.Sound)];
        var training = new KeywordTraining([.. train, .. synthesised], classes.Names, backgrounds, features, options);
        _screen.Train(options.Epochs, training.EpochLength, report => training.Train(graph, report, _cancellation));

        Dataset calibration = KeywordTraining.AsTheyAre([.. train, .. synthesised.Take(SynthesisedForCalibration)], classes.Names, features);
        byte[] blob = KeywordBlob.Create(graph, calibration, _cancellation);
        Files.Write(output, blob, _cancellation);
        if (onnx is not null)
        {
            AtomicFile.Write(onnx, stream => OnnxExporter.Write(graph, stream));
        }

        Report(parse, new KeywordReport
        {
            File = output,
            Blob = blob,
            Board = BoardFiles.Load(ListenVerb.UsualBoard),
            Graph = graph,
            Classes = classes.Names,
            Recorded = train.Length,
            Synthesised = synthesised.Length,
            TestIsRecorded = recorded is not null,
            TestVoice = recorded is null ? parse.GetValue(_testVoice) : null,
            FloatAccuracy = test.Length == 0 ? double.NaN : KeywordTraining.Accuracy(graph, KeywordTraining.AsTheyAre(test, classes.Names, features)),
            Test = KeywordBlob.Judge(blob, test),
        });
        return ExitCode.Done;
    }

    private string[]? Words(ParseResult parse) =>
        parse.GetValue(_words)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private float HeldOut(ParseResult parse)
    {
        float part = parse.GetValue(_heldOut) ?? 0.2f;
        return part is >= 0 and <= 0.9f ? part : throw new InputException(string.Create(CultureInfo.InvariantCulture, $"--held-out takes a part from 0 to 0.9, not {part}"));
    }

    private float Rate(ParseResult parse)
    {
        float rate = parse.GetValue(_rate) ?? new KeywordTrainingOptions().Rate;
        return rate > 0 ? rate : throw new InputException(string.Create(CultureInfo.InvariantCulture, $"a learning rate is above 0, not {rate}"));
    }

    /// <returns>Who speaks what is learned from, and who speaks nothing but the test; null where nobody is asked for.</returns>
    private (SpeechSynthesizer? Speaker, SpeechSynthesizer? Tester) Synthesizers(ParseResult parse, bool hasClips)
    {
        string? testVoice = parse.GetValue(_testVoice);
        if (!parse.GetValue(_synthesise))
        {
            return !hasClips ? throw new InputException("there is nothing to learn from: give --clips, or --synthesise with --words")
                : testVoice is null ? (null, null)
                : throw new InputException("--test-voice is one of those that --synthesise brings");
        }

        SpeechSynthesizer? found = SpeechSynthesizer.Find();
        if (found is null)
        {
            throw new InputException("--synthesise needs a speech synthesiser, and neither espeak-ng nor flite is installed: on Debian 'apt install espeak-ng flite', or leave --synthesise out");
        }

        if (found.Programs.Count < SpeechSynthesizer.AllPrograms.Count)
        {
            _screen.Warning($"only {found.Programs[0]} is installed: words are spoken in fewer voices than with {string.Join(" and ", SpeechSynthesizer.AllPrograms)}");
        }

        return testVoice is null ? (found, null) : found.Split(testVoice);
    }

    private KeywordClip[] Synthesise(SpeechSynthesizer? synthesizer, KeywordClasses classes, int perWord, int seed) => synthesizer is null
        ? []
        : _screen.Work(
            $"speaking {perWord:N0} clips of each word",
            progress => SynthesisedWords.Create(synthesizer, classes.Spoken, perWord, seed, progress, _cancellation));

    /// <summary>Holds out the same part of each class.</summary>
    private static (KeywordClip[] Train, KeywordClip[] Test) Split(KeywordClips? recorded, KeywordClasses classes, float heldOut, int seed)
    {
        if (recorded is null)
        {
            return ([], []);
        }

        KeywordClip[] clips = [.. recorded.Clips.Select(c => new KeywordClip(c.Sound, classes.LabelOf(recorded.ClassNames[c.Class]), false))];
        var numbers = new Dataset("clips", new FloatSamples([.. Enumerable.Range(0, clips.Length).Select(i => (float)i)], 1), new Shape(1), DataKind.Real)
        {
            Labels = [.. clips.Select(c => c.Label)],
        };
        (Dataset kept, Dataset held) = heldOut == 0 ? (numbers, numbers.Take(0)) : numbers.Split(heldOut, seed);
        return (Chosen(kept), Chosen(held));

        KeywordClip[] Chosen(Dataset part)
        {
            var number = new float[1];
            var chosen = new KeywordClip[part.Count];
            for (int i = 0; i < chosen.Length; i++)
            {
                part.Read(i, number);
                chosen[i] = clips[(int)number[0]];
            }

            return chosen;
        }
    }

    private void Report(ParseResult parse, KeywordReport report)
    {
        if (parse.GetValue(_json))
        {
            _screen.Json(report.Write);
        }
        else
        {
            report.Write(_screen.Results);
        }
    }
}
