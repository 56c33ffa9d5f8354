using TinyInference;
using TinyInference.Converter.Language;
using TinyInference.Converter.Language.Assignment;

namespace Converter.Tests.Language;

using TinyInference.Converter.Graphs;

/// <summary>Training in rounds on a language so small that it is learned in a second.</summary>
[TestClass]
public class LanguageTrainingTest
{
    private static readonly LanguageOptions s_options = new() { Depth = 12, Units = 16, Streams = 4, Steps = 12, VectorDropout = 0, StateDropout = 0.1f };

    [TestMethod]
    public void Rounds_lower_the_perplexity_and_the_blob_keeps_it()
    {
        (Vocabulary vocabulary, int[][] learned, int[][] heldOut) = Sentences();
        var start = new TwoComponentCoding(WordPlacement.Random(vocabulary.Count, 1));
        var training = new LanguageTraining(learned, heldOut, start, s_options, [2, 2, 12]);
        training.Run(null, null, default);
        Assert.HasCount(16, training.History);
        Assert.HasCount(2, training.Moves);
        foreach (TableMove move in training.Moves)
        {
            Assert.IsTrue(move.After <= move.Before);
            Assert.AreEqual(move.After, move.LowerBound, 1e-6 * move.After);
        }

        // Verb, article, thing and place are 3, 1, 6 and 2 words of equal chance: no model can have less than (3 * 6 * 2)^(1/5).
        Assert.IsTrue(training.Best is > 2.04 and < 2.4, $"{training.Best}");
        Assert.AreEqual(training.History.Min(e => e.HeldOut), training.Best);
        var coding = (TwoComponentCoding)training.Coding;
        LanguageBlobFile blob = LanguageBlobFile.Load(Model.Load(LanguageBlob.Create(training.Network, coding, vocabulary, learned, default)), "test");
        (Vocabulary stored, int[] numbers) = blob.Vocabulary();
        int[][] translated = [.. heldOut.Select(s => Array.ConvertAll(s, w => numbers[stored.NumberOf(vocabulary.Words[w])]))];
        Assert.AreEqual(training.Best, blob.Perplexity(translated, _ => { }, default), 0.02 * training.Best);
    }

    [TestMethod]
    [DataRow(nameof(RecurrentCellKind.SimpleRnn), false)]
    [DataRow(nameof(RecurrentCellKind.Gru), true)]
    [DataRow(nameof(RecurrentCellKind.Lstm), true)]
    public void Every_cell_learns_and_becomes_a_blob(string cell, bool isHard)
    {
        (Vocabulary vocabulary, int[][] learned, int[][] heldOut) = Sentences();
        var coding = new TwoComponentCoding(WordPlacement.Random(vocabulary.Count, 1));
        var training = new LanguageTraining(learned, heldOut, coding, s_options with { Cell = Enum.Parse<RecurrentCellKind>(cell), Form = isHard ? GateForm.Hard : GateForm.Smooth }, [12]);
        training.Run(null, null, default);
        Assert.IsTrue(training.Best < 2.8, $"{training.Best}");
        LanguageBlobFile blob = LanguageBlobFile.Load(Model.Load(LanguageBlob.Create(training.Network, coding, vocabulary, learned, default)), "test");
        (Vocabulary stored, int[] numbers) = blob.Vocabulary();
        int[][] translated = [.. heldOut.Select(s => Array.ConvertAll(s, w => numbers[stored.NumberOf(vocabulary.Words[w])]))];
        Assert.AreEqual(training.Best, blob.Perplexity(translated, _ => { }, default), 0.03 * training.Best);
    }

    [TestMethod]
    public void The_same_seed_gives_the_same_bytes()
    {
        (Vocabulary vocabulary, int[][] learned, int[][] heldOut) = Sentences();
        byte[] Blob(int seed)
        {
            var coding = new TwoComponentCoding(WordPlacement.Random(vocabulary.Count, seed));
            var training = new LanguageTraining(learned, heldOut, coding, s_options with { Seed = seed }, [1, 1]);
            training.Run(null, null, default);
            return LanguageBlob.Create(training.Network, (TwoComponentCoding)training.Coding, vocabulary, learned, default);
        }

        byte[] first = Blob(1);
        CollectionAssert.AreEqual(first, Blob(1));
        CollectionAssert.AreNotEqual(first, Blob(2));
    }

    [TestMethod]
    public void Cancelled_training_keeps_the_best_epoch()
    {
        (_, int[][] learned, int[][] heldOut) = Sentences();
        var training = new LanguageTraining(learned, heldOut, new OneVectorCoding(14), s_options, [50]);
        using var cancellation = new CancellationTokenSource();
        Assert.ThrowsExactly<OperationCanceledException>(() => training.Run(
            p =>
            {
                if (p.Epoch == 4)
                {
                    cancellation.Cancel();
                }
            },
            null,
            cancellation.Token));
        Assert.HasCount(3, training.History);
        Assert.AreEqual(training.Best, new LanguageTrainer(training.Network, training.Coding, s_options).Perplexity(heldOut, default), 1e-9);
    }

    [TestMethod]
    public void Costs_are_the_losses_of_words_where_they_are()
    {
        (Vocabulary vocabulary, int[][] learned, _) = Sentences();
        var coding = new TwoComponentCoding(WordPlacement.Random(vocabulary.Count, 1));
        var trainer = new LanguageTrainer(new LanguageNetwork(coding, s_options), coding, s_options);
        CellCosts costs = Reallocation.Costs(trainer, coding.Placement, learned, default);
        double perplexity = Math.Exp(costs.Of(coding.Placement.Cells) / learned.Sum(s => s.Length + 1));
        Assert.AreEqual(trainer.Perplexity(learned, default), perplexity, 1e-4);
    }

    private static (Vocabulary Vocabulary, int[][] Learned, int[][] HeldOut) Sentences()
    {
        string[] verbs = ["clean", "dry", "light"];
        string[] things = ["bath", "floor", "hall", "kitchen", "room", "stairs"];
        string[] places = ["now", "today"];
        var vocabulary = new Vocabulary([Vocabulary.UnknownWord, Vocabulary.BoundaryWord, .. verbs, "the", .. things, .. places]);
        var random = new Random(1);
        int[] Sentence() =>
        [
            vocabulary.NumberOf(verbs[random.Next(verbs.Length)]), vocabulary.NumberOf("the"), vocabulary.NumberOf(things[random.Next(things.Length)]), vocabulary.NumberOf(places[random.Next(places.Length)]),
        ];
        return (vocabulary, [.. Enumerable.Range(0, 300).Select(_ => Sentence())], [.. Enumerable.Range(0, 60).Select(_ => Sentence())]);
    }
}
