namespace TinyInference.Tests;

/// <summary>From answers of a network to words.</summary>
[TestClass]
public class KeywordDetectorTest
{
    private const int Hop = 100;

    [TestMethod]
    public void A_word_is_reported_once_when_it_was_surest()
    {
        List<(int Word, int Time, int Score)> heard = Hear([0, 60, 200, 250, 255, 240, 100, 20, 0, 0, 0, 0], word: 1);
        Assert.HasCount(1, heard);
        Assert.AreEqual(1, heard[0].Word);

        // The mean of two answers is largest after 250 and 255.
        Assert.AreEqual(4 * Hop, heard[0].Time);
        Assert.AreEqual(252, heard[0].Score);
    }

    [TestMethod]
    public void An_answer_that_comes_alone_is_not_believed() => Assert.IsEmpty(Hear([0, 0, 255, 0, 0, 0, 255, 0, 0], word: 1));

    [TestMethod]
    public void Silence_and_other_words_are_not_reported() => Assert.IsEmpty(Hear([0, 255, 255, 255, 255, 0, 0], word: 0));

    [TestMethod]
    public void The_same_word_is_heard_again_after_a_while()
    {
        int[] twice = [0, 250, 250, 0, 0, 0, 0, 0, 0, 0, 0, 0, 250, 250, 0, 0];
        Assert.HasCount(2, Hear(twice, word: 2));
        Assert.HasCount(1, Hear(twice[..3].Concat(twice[..3]).Concat(twice[..3]).ToArray(), word: 2));
    }

    [TestMethod]
    public void After_a_reset_nothing_is_left_over()
    {
        var detector = new KeywordDetector([false, true], 2);
        sbyte[] sure = [-128, 127];
        detector.Add(sure, 0, 100);
        detector.Add(sure, 0, 200);
        detector.Reset();
        Assert.AreEqual(-1, detector.Add([127, -128], 0, 0));
    }

    [TestMethod]
    [DataRow("yes", true)]
    [DataRow("Silence", false)]
    [DataRow("_silence_", false)]
    [DataRow("UNKNOWN", false)]
    [DataRow("_unknown_", false)]
    public void Labels_say_what_is_a_word(string label, bool isWord) => Assert.AreEqual(isWord, KeywordListener.IsWord(label));

    /// <summary>Class 0 is silence; what <paramref name="word"/> has not, silence has.</summary>
    private static List<(int Word, int Time, int Score)> Hear(int[] probabilities, int word)
    {
        var detector = new KeywordDetector([false, true, true], 2);
        var heard = new List<(int, int, int)>();
        for (int i = 0; i < probabilities.Length; i++)
        {
            var answer = new sbyte[] { (sbyte)(127 - probabilities[i]), -128, -128 };
            answer[word] = (sbyte)(probabilities[i] - 128);
            int found = detector.Add(answer, 0, i * Hop);
            if (found >= 0)
            {
                heard.Add((found, detector.Time, detector.Score));
            }
        }

        return heard;
    }
}
