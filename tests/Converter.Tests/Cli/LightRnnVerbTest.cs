using Converter.Tests.Language;

namespace Converter.Tests.Cli;

/// <summary>The verbs of lightrnn from text to blob and back, and what they refuse.</summary>
[TestClass]
public class LightRnnVerbTest
{
    [TestMethod]
    public void From_text_to_a_blob_that_completes_and_scores()
    {
        using var text = new CorpusTest.TextFile(string.Concat(Enumerable.Range(0, 60).Select(i => $"turn the {(i % 3 == 0 ? "light" : "heating")} {(i % 2 == 0 ? "on" : "off")}\n")));
        using var blob = new CorpusTest.TextFile("");
        ToolRun train = ToolRun.Of("lightrnn", "train", "--text", text.Path, "-o", blob.Path, "--hidden", "16", "--vector", "8", "--rounds", "2", "--round-epochs", "2", "--epochs", "10", "--rate", "0.02");
        Assert.AreEqual(0, train.ExitCode, train.Error);
        Assert.Contains("8 words: table 3 x 3", train.Output);
        Assert.Contains("row ", train.Output);

        ToolRun complete = ToolRun.Of("lightrnn", "complete", blob.Path, "please turn the", "--count", "2");
        Assert.AreEqual(0, complete.ExitCode, complete.Error);
        Assert.Contains("'please' is not in the vocabulary", complete.Error);
        Assert.HasCount(2, complete.Output.Trim().Split('\n'));

        ToolRun perplexity = ToolRun.Of("lightrnn", "perplexity", blob.Path, "--text", text.Path, "--hold-out", "0.1");
        Assert.AreEqual(0, perplexity.ExitCode, perplexity.Error);
        Assert.Contains("on 6 sentences of 24 words, 0.0 % of them unknown", perplexity.Output);

        ToolRun score = ToolRun.Fed("light the turn off\nturn the light off\n\n"u8.ToArray(), "lightrnn", "score", blob.Path);
        Assert.AreEqual(0, score.ExitCode, score.Error);
        Assert.Contains("likeliest: turn the light off", score.Output);
        Assert.AreEqual(1, ToolRun.Fed("\n"u8.ToArray(), "lightrnn", "score", blob.Path).ExitCode);
    }

    [TestMethod]
    public void Size_prints_the_exact_arithmetic()
    {
        ToolRun run = ToolRun.Of("lightrnn", "size", "--words", "10000000", "--vector", "1024");
        Assert.AreEqual(0, run.ExitCode, run.Error);
        Assert.Contains("10,000,000 words: table 3163 x 3163, 6,326 vectors of 1,024: 26 MB instead of 41 GB", run.Output);
        Assert.Contains("6,326 * 1,024 * 4 = 25,911,296 bytes instead of 10,000,000 * 1,024 * 4 = 40,960,000,000 bytes", run.Output);
        Assert.AreEqual(1, ToolRun.Of("lightrnn", "size", "--words", "1.5").ExitCode);
    }

    [TestMethod]
    [DataRow("hello\n", "held out")]
    [DataRow("", "held out")]
    public void A_corpus_of_one_word_is_refused(string text, string message)
    {
        using var corpus = new CorpusTest.TextFile(text);
        ToolRun run = ToolRun.Of("lightrnn", "train", "--text", corpus.Path, "-o", corpus.Path + ".tinf");
        Assert.AreEqual(1, run.ExitCode);
        Assert.Contains(message, run.Error);
        Assert.IsFalse(File.Exists(corpus.Path + ".tinf"));
    }

    [TestMethod]
    public void A_blob_without_words_is_no_language_model()
    {
        using var model = new SmallModel();
        ToolRun run = ToolRun.Of("lightrnn", "complete", model.Convert(), "turn");
        Assert.AreEqual(1, run.ExitCode);
        Assert.Contains("is no language model", run.Error);
    }

    [TestMethod]
    [DataRow("--hold-out", "1")]
    [DataRow("--vocabulary", "2")]
    [DataRow("--rate", "0")]
    [DataRow("--state-dropout", "1")]
    [DataRow("--hidden", "100000")]
    public void Numbers_outside_their_range_are_refused(string option, string value)
    {
        ToolRun run = ToolRun.Of("lightrnn", "train", "--text", "absent.txt", "-o", "out.tinf", option, value);
        Assert.AreEqual(1, run.ExitCode);
        Assert.Contains(option, run.Error.Replace("a share that is dropped", "--state-dropout", StringComparison.Ordinal).Replace("a learning rate", "--rate", StringComparison.Ordinal));
    }
}
