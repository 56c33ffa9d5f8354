using System.CommandLine;
using System.Globalization;
using System.Text;
using Spectre.Console;
using TinyInference.Converter.Language;
using TinyInference.Words;

namespace TinyInference.Converter.Cli.Language;

/// <summary>lightrnn complete: what comes next.</summary>
internal static class CompleteVerb
{
    private const int MostWords = 1000;

    public static Command Create(Screen screen)
    {
        Argument<string> blob = Arguments.Path("BLOB", "a language model, a .tinf file");
        var text = new Argument<string>("TEXT") { Description = "the start of a sentence" };
        Option<int?> count = Arguments.Count("--count", "words to show; default 5", 5);
        var command = new Command("complete", "Prints the likeliest next words with their probabilities, by the runtime that devices have.") { blob, text, count };
        command.SetAction(parse => Run(LanguageFiles.Load(parse.GetRequiredValue(blob)), parse.GetRequiredValue(text), Math.Min(parse.GetValue(count) ?? 5, MostWords), screen));
        return command.WithExample("lightrnn complete lm.tinf \"turn the\"");
    }

    private static int Run(LanguageBlobFile blob, string text, int count, Screen screen)
    {
        LanguageModel model = blob.Predictor;
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        var tokenizer = new Tokenizer();
        tokenizer.Start(bytes, 0, bytes.Length);
        while (tokenizer.Next())
        {
            int word = model.Find(tokenizer);
            if (word == model.Unknown)
            {
                screen.Note($"'{Encoding.UTF8.GetString(bytes, tokenizer.Begin, Math.Min(tokenizer.End - tokenizer.Begin, Tokenizer.MostBytes))}' is not in the vocabulary");
            }

            model.Step(word);
        }

        var words = new int[count];
        var logarithms = new int[count];
        int found = model.TopK(words, logarithms);
        for (int i = 0; i < found; i++)
        {
            double probability = Math.Exp(logarithms[i] / (double)(1 << LanguageModel.FractionBits));
            string shown = words[i] == model.Boundary ? "(end)" : blob.TextOf(words[i]);
            screen.Results.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{100 * probability,5:F1} %  {shown}"));
        }

        return ExitCode.Done;
    }
}
