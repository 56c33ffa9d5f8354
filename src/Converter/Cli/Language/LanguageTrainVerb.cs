using System.CommandLine;
using TinyInference.Converter.Language;

namespace TinyInference.Converter.Cli.Language;

/// <summary>lightrnn train: from text to a blob that predicts words.</summary>
internal sealed class LanguageTrainVerb
{
    private readonly Option<string> _text = Arguments.RequiredPath("--text", "FILE", "the corpus, a sentence a line, UTF-8, may be packed (.gz)");
    private readonly LanguageOptionSet _options = new();
    private readonly Option<bool> _compare = Arguments.Flag("--compare", "train also with a table left to chance and with a vector for each word, for as many epochs");
    private readonly Option<bool> _json = Arguments.Flag("--json", "one JSON object on standard output");
    private readonly Option<string> _output = Arguments.RequiredPath("--output", "OUT.tinf", "the blob to write", "-o");
    private readonly Screen _screen;
    private readonly CancellationToken _cancellation;

    private LanguageTrainVerb(Screen screen, CancellationToken cancellation)
    {
        _screen = screen;
        _cancellation = cancellation;
    }

    public static Command Create(Screen screen, CancellationToken cancellation)
    {
        var verb = new LanguageTrainVerb(screen, cancellation);
        var command = new Command("train", "Trains a language model and writes it as an int8 blob. Words start in a table by chance, and move between rounds to where the loss is the least; the best epoch is kept.") { verb._text };
        verb._options.AddTo(command);
        command.Add(verb._compare);
        command.Add(verb._json);
        command.Add(verb._output);
        command.SetAction(verb.Run);
        return command.WithExample("lightrnn train --text sentences.txt.gz -o lm.tinf");
    }

    private int Run(ParseResult parse)
    {
        string output = parse.GetRequiredValue(_output);
        Files.CheckWritable(output);
        string text = parse.GetRequiredValue(_text);
        LanguageOptions options = _options.Options(parse);
        HoldOut holdOut = _options.HoldOut(parse);
        IReadOnlyList<int> epochs = _options.Epochs(parse);
        LanguageData data = LanguageData.Load(text, holdOut, _options.MinimumCount(parse), _options.VocabularySize(parse), _cancellation);
        _screen.Note(data.ToString());
        var table = new TwoComponentCoding(WordPlacement.Random(data.Vocabulary.Count, options.Seed));
        LanguageTraining training = data.Training(table, options, epochs);
        bool isWhole = Train(training);
        var report = new LanguageReport(output, data, options, training);
        if (isWhole && parse.GetValue(_compare))
        {
            report.Add("table left to chance", Compare("by chance", data, table, options, epochs));
            report.Add("a vector for each word", Compare("full", data, new OneVectorCoding(data.Vocabulary.Count), options, epochs));
        }

        CancellationToken finishing = isWhole ? _cancellation : CancellationToken.None;
        byte[] blob = LanguageBlob.Create(training.Network, (TwoComponentCoding)training.Coding, data.Vocabulary, data.Learned.Sentences, finishing);
        Files.Write(output, blob, finishing);
        LanguageBlobFile written = LanguageBlobFile.Load(Model.Load(blob), output);
        (Vocabulary vocabulary, int[] numbers) = written.Vocabulary();
        int[] numberOf = [.. data.Vocabulary.Words.Select(w => numbers[vocabulary.NumberOf(w)])];
        report.Blob = new BlobFigures(blob.Length, written.WordBytes, _screen.Perplexity(written, data.HeldOut.Sentences, numberOf, finishing));
        if (parse.GetValue(_json))
        {
            _screen.Json(report.Write);
        }
        else
        {
            report.Write(_screen.Results);
        }

        return isWhole ? ExitCode.Done : ExitCode.Cancelled;
    }

    /// <returns>False when the user has stopped it after an epoch.</returns>
    private bool Train(LanguageTraining training)
    {
        try
        {
            _screen.Train("table", training, _cancellation);
            return true;
        }
        catch (OperationCanceledException) when (training.History.Count > 0)
        {
            _screen.Note($"stopped after epoch {training.History.Count}: the best model until then is kept");
            return false;
        }
    }

    private LanguageTraining Compare(string name, LanguageData data, WordCoding coding, LanguageOptions options, IReadOnlyList<int> epochs)
    {
        LanguageTraining training = data.Training(coding, options, [epochs.Sum()]);
        _screen.Train(name, training, _cancellation);
        return training;
    }
}
