using System.CommandLine;
using System.Globalization;
using System.Text;
using Spectre.Console;
using TinyInference.Converter.Language;
using TinyInference.Words;

namespace TinyInference.Converter.Cli.Language;

/// <summary>lightrnn score: which of several sentences was probably said.</summary>
internal static class ScoreVerb
{
    private const long MostBytes = 1 << 24;

    public static Command Create(Screen screen, CancellationToken cancellation)
    {
        Argument<string> blob = Arguments.Path("BLOB", "a language model, a .tinf file");
        var command = new Command("score", "Reads sentences from standard input, one a line, and prints how likely each is. The likeliest is the one to take of what a recogniser may have heard.") { blob };
        command.SetAction(parse => Run(LanguageFiles.Load(parse.GetRequiredValue(blob)), screen, cancellation));
        return command.WithExample("lightrnn score lm.tinf < heard.txt");
    }

    private static int Run(LanguageBlobFile blob, Screen screen, CancellationToken cancellation)
    {
        using Stream input = screen.OpenInput();
        byte[] text = Files.Read(input, "standard input", MostBytes);
        LanguageModel model = blob.Predictor;
        var scores = new List<(string Sentence, double Score)>();
        for (int start = 0; start < text.Length;)
        {
            cancellation.ThrowIfCancellationRequested();
            int end = Array.IndexOf(text, (byte)'\n', start);
            end = end < 0 ? text.Length : end;
            double score = model.Score(text, start, end - start) / (double)(1 << LanguageModel.FractionBits);
            if (model.ScoredWords > 0)
            {
                scores.Add((Encoding.UTF8.GetString(text, start, end - start).TrimEnd('\r'), score));
                double perplexity = Math.Exp(-score / (model.ScoredWords + 1));
                string unknown = model.ScoredUnknown > 0 ? $" ({model.ScoredUnknown} unknown)" : "";
                screen.Results.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{score,9:F2} nats, perplexity {perplexity,9:N1}  {scores[^1].Sentence}{unknown}"));
            }

            start = end + 1;
        }

        if (scores.Count == 0)
        {
            throw new InputException("standard input holds no sentence: give some, one a line");
        }

        screen.Results.WriteLine($"likeliest: {scores.MaxBy(s => s.Score).Sentence}");
        return ExitCode.Done;
    }
}
