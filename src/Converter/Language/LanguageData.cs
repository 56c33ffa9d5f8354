namespace TinyInference.Converter.Language;

/// <summary>A corpus made ready: a vocabulary from the sentences that are trained with, and those held out.</summary>
internal sealed record LanguageData(Vocabulary Vocabulary, Corpus Learned, Corpus HeldOut)
{
    /// <exception cref="InputException">The file cannot be read or is not UTF-8; or there is too little in it to train with.</exception>
    public static LanguageData Load(string path, HoldOut holdOut, int minimumCount, int mostWords, CancellationToken cancellation)
    {
        Dictionary<string, long> counts = Corpus.Count(path, s => !holdOut.Contains(s), cancellation);
        var vocabulary = Vocabulary.Create(counts, minimumCount, mostWords);
        Corpus learned = Corpus.Read(path, vocabulary, s => !holdOut.Contains(s), cancellation);
        Corpus heldOut = Corpus.Read(path, vocabulary, holdOut.Contains, cancellation);
        if (learned.Sentences.Count == 0 || heldOut.Sentences.Count == 0)
        {
            throw new InputException(
                $"{path}: has {learned.Sentences.Count + heldOut.Sentences.Count} sentences (lines with words), of which {heldOut.Sentences.Count} would be held out: give more text or another --hold-out");
        }

        return vocabulary.Count > 2
            ? new LanguageData(vocabulary, learned, heldOut)
            : throw new InputException($"{path}: none of its {counts.Count:N0} different words occurs {minimumCount} times: give more text or a lower --min-count");
    }

    /// <param name="epochs">Of each round.</param>
    public LanguageTraining Training(WordCoding coding, LanguageOptions options, IReadOnlyList<int> epochs) => new(Learned.Sentences, HeldOut.Sentences, coding, options, epochs);

    public override string ToString() =>
        $"{Learned.Path}: {Learned.Sentences.Count:N0} sentences of {Learned.Words:N0} words to train with, {HeldOut.Sentences.Count:N0} of {HeldOut.Words:N0} held out; vocabulary {Vocabulary.Count:N0} with {Vocabulary.UnknownWord} and {Vocabulary.BoundaryWord}, unknown {100 * HeldOut.UnknownShare:F1} % of the words held out";
}
