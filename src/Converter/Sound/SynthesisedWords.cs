using TinyInference.Converter.Data;

namespace TinyInference.Converter.Sound;

/// <summary>Clips for a keyword network that nobody had to record.</summary>
internal static class SynthesisedWords
{
    /// <summary>What people say that is none of the keywords; those that are keywords are left out.</summary>
    private static readonly string[] s_otherWords =
    [
        "backward", "bed", "bird", "cat", "dog", "eight", "five", "follow", "forward", "four", "happy", "house", "learn", "marvin", "nine", "one", "seven", "sheila", "six",
        "three", "tree", "two", "visual", "wow", "zero", "hello", "thanks", "please", "water", "music", "table", "window", "morning", "people", "maybe", "because", "nothing",
        "another", "kitchen", "paper", "yesterday", "light", "door", "good", "what", "where", "when", "who", "this", "that", "then", "there", "the", "and", "with", "a", "I",
        "you", "he", "she", "we", "they", "come", "give", "take", "make", "see", "say", "look", "think", "want", "time", "day", "man", "world", "life", "hand", "part", "child",
        "eye", "woman", "place", "work", "week", "case", "point", "company", "number", "group", "problem", "fact", "red", "green", "blue", "white", "black", "big", "small",
    ];

    /// <param name="words">What to say for each class; null for a class of other words; empty for one of noise.</param>
    /// <param name="perClass">Clips of each class; of other words twice as many.</param>
    /// <param name="progress">Told the part that is done, 0 to 1, from several threads.</param>
    public static KeywordClip[] Create(SpeechSynthesizer synthesizer, IReadOnlyList<string?> words, int perClass, int seed, Action<double>? progress, CancellationToken cancellation)
    {
        string[] others = [.. s_otherWords.Where(w => !words.Contains(w, StringComparer.OrdinalIgnoreCase))];
        (string Word, int Label)[] wanted =
        [
            .. words.SelectMany((word, label) => word is null
                ? Enumerable.Range(0, 2 * perClass).Select(i => (others[i % others.Length], label))
                : Enumerable.Repeat((word, label), perClass)),
        ];
        var clips = new KeywordClip?[wanted.Length];
        int done = 0;
        Parallel.For(0, wanted.Length, new ParallelOptions { CancellationToken = cancellation }, i =>
        {
            (string word, int label) = wanted[i];
            int own = unchecked((seed * 1_000_003) + i);
            float[]? sound = word.Length == 0 ? NoiseGenerator.Create(SoundReader.Rate, new SplitMix(own)) : synthesizer.Speak(word, own);
            clips[i] = sound is null ? null : new KeywordClip(sound, label, Synthesised: true);
            progress?.Invoke((double)Interlocked.Increment(ref done) / wanted.Length);
        });
        return [.. clips.OfType<KeywordClip>()];
    }
}
