using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using TinyInference.Converter.Language;

namespace TinyInference.Converter.Cli.Language;

/// <summary>lightrnn perplexity: how well a blob predicts a text.</summary>
internal static class PerplexityVerb
{
    public static Command Create(Screen screen, CancellationToken cancellation)
    {
        Argument<string> blob = Arguments.Path("BLOB", "a language model, a .tinf file");
        Option<string> text = Arguments.RequiredPath("--text", "FILE", "a sentence a line, UTF-8, may be packed (.gz)");
        Option<float?> holdOut = Arguments.Real("--hold-out", "SHARE", "only the lines that 'train' leaves out with the same share; default: all lines");
        Option<bool> json = Arguments.Flag("--json", "one JSON object on standard output");
        var command = new Command("perplexity", "Measures how well a language model predicts a text, with the runtime that devices have. Ends of sentences are predicted too; words that it does not know count as one word, <unk>.") { blob, text, holdOut, json };
        command.SetAction(parse => Run(parse.GetRequiredValue(blob), parse.GetRequiredValue(text), parse.GetValue(holdOut), parse.GetValue(json), screen, cancellation));
        return command.WithExample("lightrnn perplexity lm.tinf --text sentences.txt.gz --hold-out 0.1");
    }

    private static int Run(string file, string text, float? share, bool asJson, Screen screen, CancellationToken cancellation)
    {
        LanguageBlobFile blob = LanguageFiles.Load(file);
        (Vocabulary vocabulary, int[] numbers) = blob.Vocabulary();
        HoldOut? holdOut = share is null ? null : LanguageOptionSet.HoldOut(share.Value);
        Corpus corpus = Corpus.Read(text, vocabulary, sentence => holdOut?.Contains(sentence) ?? true, cancellation);
        if (corpus.Sentences.Count == 0)
        {
            throw new InputException($"{text}: holds no sentence to measure");
        }

        double perplexity = screen.Perplexity(blob, corpus.Sentences, numbers, cancellation);
        if (asJson)
        {
            screen.Json(json =>
            {
                json.WriteString("file", file);
                json.WriteNumber("sentences", corpus.Sentences.Count);
                json.WriteNumber("words", corpus.Words);
                json.WriteNumber("unknown", corpus.Unknown);
                json.WriteNumber("perplexity", perplexity);
            });
        }
        else
        {
            screen.Results.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"perplexity {perplexity:F2} on {corpus.Sentences.Count:N0} sentences of {corpus.Words:N0} words, {100 * corpus.UnknownShare:F1} % of them unknown"));
        }

        return ExitCode.Done;
    }
}
