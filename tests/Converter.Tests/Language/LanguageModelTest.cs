using System.Text;
using TinyInference.Converter.Lowering;
using TinyInference.Words;

namespace Converter.Tests.Language;

using TinyInference;

[TestClass]
public class LanguageModelTest
{
    private const int Side = 6;

    private static readonly string[] s_words = ["<unk>", "<s>", .. Enumerable.Range(0, 31).Select(i => $"word{i}"), "naïve"];

    [TestMethod]
    public void The_likeliest_words_are_those_of_all_words_tried_one_by_one()
    {
        LanguageModel model = Create(1);
        foreach (int k in new[] { 1, 5, 33, 50 })
        {
            (int Word, int Log)[] all = [.. Enumerable.Range(0, s_words.Length).Where(w => w != model.Unknown).Select(w => (w, After(model, w))).OrderByDescending(p => p.Item2)];
            Advance(model);
            int[] words = new int[k];
            int[] logs = new int[k];
            int count = model.TopK(words, logs);
            Assert.AreEqual(Math.Min(k, all.Length), count);
            CollectionAssert.AreEqual(all[..count].Select(p => p.Log).ToArray(), logs[..count]);
            Assert.HasCount(count, words[..count].Distinct().ToArray());
            for (int i = 0; i < count; i++)
            {
                Assert.AreEqual(logs[i], After(model, words[i]));
            }
        }
    }

    [TestMethod]
    public void Looking_ahead_leaves_the_state_as_it_was()
    {
        LanguageModel model = Create(2);
        Advance(model);
        int expected = model.StepLogProbability(7);
        Advance(model);
        model.TopK(new int[9], new int[9]);
        Assert.AreEqual(expected, model.StepLogProbability(7));
    }

    [TestMethod]
    public void Probabilities_of_all_cells_sum_to_one()
    {
        string[] words = [.. s_words, "a", "b"];
        LanguageModel model = Create(3, words);
        double sum = Enumerable.Range(0, Side * Side).Sum(w => Math.Exp(After(model, w) / 65536.0));
        Assert.AreEqual(1, sum, 1e-3);
    }

    [TestMethod]
    public void A_score_is_the_sum_of_the_words_and_the_end()
    {
        LanguageModel model = Create(4);
        byte[] text = Encoding.UTF8.GetBytes("Word3, WORD4 — strange naïve?");
        long score = model.Score(text, 0, text.Length);
        Assert.AreEqual(4, model.ScoredWords);
        Assert.AreEqual(1, model.ScoredUnknown);
        long expected = 0;
        model.Reset();
        foreach (int word in new[] { model.Words.Find("word3"), model.Words.Find("word4"), model.Unknown, Find(model, "naïve"), model.Boundary })
        {
            expected += model.StepLogProbability(word);
        }

        Assert.AreEqual(expected, score);
        Assert.AreEqual(score, model.Score(text, 0, text.Length), "a score must not depend on what came before");
    }

    [TestMethod]
    public void Any_text_has_a_score()
    {
        LanguageModel model = Create(5);
        Assert.IsTrue(model.Score([], 0, 0) < 0);
        Assert.AreEqual(0, model.ScoredWords);
        byte[] word = Encoding.UTF8.GetBytes(new string('w', 10_000));
        Assert.IsTrue(model.Score(word, 0, word.Length) < 0);
        Assert.AreEqual((1, 1), (model.ScoredWords, model.ScoredUnknown));
        byte[] noise = new byte[2_000];
        new Random(1).NextBytes(noise);
        Assert.IsTrue(model.Score(noise, 0, noise.Length) < 0);
    }

    [TestMethod]
    public void Packed_weights_give_the_same_scores()
    {
        byte[] text = Encoding.UTF8.GetBytes("word1 word2 word3 word4 word5");
        Assert.AreEqual(Create(6).Score(text, 0, text.Length), Create(6, null, KernelPreference.Speed).Score(text, 0, text.Length));
    }

    [TestMethod]
    public void Nothing_is_allocated_while_it_runs()
    {
        LanguageModel model = Create(7);
        byte[] text = Encoding.UTF8.GetBytes("word1 word2 word3");
        int[] words = new int[4];
        int[] logs = new int[4];
        model.Score(text, 0, text.Length);
        model.TopK(words, logs);
        long before = GC.GetAllocatedBytesForCurrentThread();
        model.Score(text, 0, text.Length);
        model.TopK(words, logs);
        Assert.AreEqual(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    public void A_blob_that_is_no_language_model_is_refused()
    {
        Assert.ThrowsExactly<BlobException>(() => new LanguageModel(new Session(LanguageBlobs.Load([new BlobResource(99, [])]))));
        Assert.ThrowsExactly<BlobException>(() => new LanguageModel(new Session(Model.Load(LanguageBlobs.LanguageModel(["a", "b"], [0, 1], 2, 4, 1)))));
        Assert.ThrowsExactly<ArgumentException>(() => Create(8).Step(-1));
        Assert.ThrowsExactly<ArgumentException>(() => Create(8).Step(s_words.Length));
    }

    /// <summary>Brings the model behind the same two words.</summary>
    private static void Advance(LanguageModel model)
    {
        model.Reset();
        model.Step(3);
        model.Step(5);
    }

    private static int After(LanguageModel model, int word)
    {
        Advance(model);
        return model.StepLogProbability(word);
    }

    private static int Find(LanguageModel model, string word)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(word);
        return model.Words.Find(bytes, bytes.Length);
    }

    private static LanguageModel Create(int seed, string[]? words = null, KernelPreference kernels = KernelPreference.Balanced)
    {
        words ??= s_words;
        int[] cells = [.. Enumerable.Range(0, Side * Side)];
        new Random(seed).Shuffle(cells);
        return new LanguageModel(new Session(Model.Load(LanguageBlobs.LanguageModel(words, cells[..words.Length], Side, 12, seed, kernels))));
    }
}
