using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using TinyInference.Converter.Cli.Learning;
using TinyInference.Converter.Language;

namespace TinyInference.Converter.Cli.Language;

/// <summary>A blob that was written.</summary>
/// <param name="WordBytes">Of the index of words and their cells.</param>
/// <param name="Perplexity">On the sentences held out, by the device's runtime.</param>
internal readonly record struct BlobFigures(long Bytes, long WordBytes, double Perplexity);

/// <summary>What came out of training a language model, and of those trained to compare it with.</summary>
internal sealed class LanguageReport
{
    private const int LinesShown = 4;
    private const int WordsShown = 12;
    private const string TableName = "table";

    private readonly string _file;
    private readonly LanguageData _data;
    private readonly LanguageOptions _options;
    private readonly LanguageTraining _training;
    private readonly List<(string Name, LanguageTraining Training)> _models;

    public LanguageReport(string file, LanguageData data, LanguageOptions options, LanguageTraining training)
    {
        _file = file;
        _data = data;
        _options = options;
        _training = training;
        _models = [(TableName, training)];
    }

    /// <summary>Null where none was written.</summary>
    public BlobFigures? Blob { get; set; }

    public void Add(string name, LanguageTraining training) => _models.Add((name, training));

    /// <summary>For people.</summary>
    public void Write(IAnsiConsole console)
    {
        LearningCurve.Write(
            "log perplexity",
            "F2",
            [
                new LearningCurve.Series("train", [.. _training.History.Select(e => Math.Log(e.Trained))], 'o'),
                new LearningCurve.Series("held out", [.. _training.History.Select(e => Math.Log(e.HeldOut))], '*'),
            ],
            console);
        WriteRounds(console);
        WriteWords(console);
        WriteModels(console);
        console.WriteLine(new TableArithmetic(_data.Vocabulary.Count, _options.Depth).ToString());
        if (Blob is { } blob)
        {
            console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{_file}: {blob.Bytes:N0} bytes, {blob.WordBytes:N0} of them words and their cells; perplexity {blob.Perplexity:F2} held out as int8, {100 * ((blob.Perplexity / _training.Best) - 1):+0.00;-0.00} %"));
        }
    }

    /// <summary>For machines.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteString("file", _file);
        json.WriteNumber("vocabulary", _data.Vocabulary.Count);
        json.WriteNumber("side", WordPlacement.SideOf(_data.Vocabulary.Count));
        json.WriteNumber("sentences", _data.Learned.Sentences.Count);
        json.WriteNumber("heldOutSentences", _data.HeldOut.Sentences.Count);
        json.WriteNumber("unknownShareHeldOut", _data.HeldOut.UnknownShare);
        if (Blob is { } blob)
        {
            json.WriteNumber("blobBytes", blob.Bytes);
            json.WriteNumber("blobWordBytes", blob.WordBytes);
            json.WriteNumber("blobPerplexity", blob.Perplexity);
        }

        json.WriteStartArray("rounds");
        foreach ((LanguageEpoch last, TableMove? move) in Rounds())
        {
            json.WriteStartObject();
            json.WriteNumber("trained", last.Trained);
            json.WriteNumber("heldOut", last.HeldOut);
            if (move is { } moved)
            {
                json.WriteNumber("wordsMoved", moved.Moved);
                json.WriteNumber("lossBefore", moved.Before);
                json.WriteNumber("lossAfter", moved.After);
                json.WriteNumber("lossBound", moved.LowerBound);
                json.WriteNumber("solverSeconds", moved.Seconds);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("models");
        foreach ((string name, LanguageTraining model) in _models)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteNumber("heldOut", model.Best);
            json.WriteNumber("vectors", Vectors(model));
            json.WriteNumber("vectorBytesInt8", VectorBytes(model));
            json.WriteNumber("parameters", Parameters(model));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WriteRounds(IAnsiConsole console)
    {
        Table table = Tables.Create();
        table.AddColumns(
            Tables.Number("round"), Tables.Number("trained"), Tables.Number("held out"), Tables.Number("words moved"), Tables.Number("loss, nats"), Tables.Number("moved"), Tables.Number("bound"), Tables.Number("s"));
        int round = 1;
        foreach ((LanguageEpoch last, TableMove? move) in Rounds())
        {
            string[] moved = move is { } m
                ? [Number(m.Moved), Number(m.Before), Number(m.After), Number(m.LowerBound), m.Seconds.ToString("F1", CultureInfo.InvariantCulture)]
                : ["", "", "", "", ""];
            Tables.AddRow(table, [Number(round++), Perplexity(last.Trained), Perplexity(last.HeldOut), .. moved]);
        }

        console.Write(table);
    }

    /// <summary>The last epoch of each round, and how words moved after it.</summary>
    private IEnumerable<(LanguageEpoch Last, TableMove? Move)> Rounds() =>
        _training.History.GroupBy(e => e.Round).Select((round, i) => (round.Last(), i < _training.Moves.Count ? _training.Moves[i] : (TableMove?)null));

    /// <summary>The lines of the table whose words are the most frequent, so that a person sees what has gathered there.</summary>
    private void WriteWords(IAnsiConsole console)
    {
        if (_training.Coding is not TwoComponentCoding { Placement: { } placement })
        {
            return;
        }

        foreach ((string name, Func<int, int> line) in new (string, Func<int, int>)[] { ("row", placement.RowOf), ("column", placement.ColumnOf) })
        {
            IEnumerable<IGrouping<int, int>> lines = Enumerable.Range(2, placement.Words - 2).GroupBy(line).Where(g => g.Count() > 1).Take(LinesShown);
            foreach (IGrouping<int, int> words in lines)
            {
                console.WriteLine($"{name} {words.Key}: {string.Join(' ', words.Take(WordsShown).Select(w => _data.Vocabulary.Words[w]))}");
            }
        }
    }

    private void WriteModels(IAnsiConsole console)
    {
        Table table = Tables.Create();
        table.AddColumns(Tables.Word("model"), Tables.Number("perplexity held out"), Tables.Number("vectors"), Tables.Number("their int8 bytes"), Tables.Number("parameters"));
        foreach ((string name, LanguageTraining model) in _models)
        {
            Tables.AddRow(table, name, Perplexity(model.Best), Number(Vectors(model)), Number(VectorBytes(model)), Number(Parameters(model)));
        }

        console.Write(table);
    }

    /// <summary>Those that are read, and those of the softmax.</summary>
    private static long Vectors(LanguageTraining model) => model.Network.Embedding.Rows + model.Network.Heads.Sum(h => (long)h.Classes);

    private static long VectorBytes(LanguageTraining model) => model.Network.Embedding.Table.Data.Length + model.Network.Heads.Sum(h => (long)h.Weights.Data.Length);

    private static long Parameters(LanguageTraining model) => model.Network.Parameters.Sum(p => (long)p.Data.Length);

    private static string Perplexity(double value) => value.ToString("F2", CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
