namespace TinyInference.Converter.Language;

/// <summary>One step of a network over text.</summary>
/// <param name="Input">The vector that it reads.</param>
/// <param name="Head">The softmax that predicts after it.</param>
/// <param name="Target">What that should say; -1 where nothing is asked.</param>
/// <param name="Word">The word that the prediction is about.</param>
/// <param name="Starts">Whether the state is 0 before it.</param>
internal readonly record struct WordStep(int Input, int Head, int Target, int Word, bool Starts);

/// <summary>How words become vectors to read and classes to predict.</summary>
internal abstract class WordCoding
{
    /// <summary>Vectors.</summary>
    public abstract int Vectors { get; }

    /// <summary>The classes of each softmax.</summary>
    public abstract IReadOnlyList<int> Heads { get; }

    /// <summary>
    /// Appends a sentence: from state 0 it reads the boundary and predicts the first word, and after the last word the boundary again.
    /// </summary>
    public abstract void Append(ReadOnlySpan<int> sentence, List<WordStep> steps);
}

/// <summary>A vector for each word, and one softmax over all of them.</summary>
internal sealed class OneVectorCoding(int words) : WordCoding
{
    public override int Vectors => words;

    public override IReadOnlyList<int> Heads => [words];

    public override void Append(ReadOnlySpan<int> sentence, List<WordStep> steps)
    {
        int before = Vocabulary.Boundary;
        for (int i = 0; i <= sentence.Length; i++)
        {
            int next = i < sentence.Length ? sentence[i] : Vocabulary.Boundary;
            steps.Add(new WordStep(before, 0, next, next, i == 0));
            before = next;
        }
    }
}

/// <summary>
/// Two components (arXiv 1610.09893, section 3.1): the network reads a word's row, then its column. After the column it predicts the row of the next
/// word, after having read that row its column: P(word) = P(row) * P(column | row). The last step reads the boundary's row alone.
/// </summary>
internal sealed class TwoComponentCoding(WordPlacement placement) : WordCoding
{
    public const int RowHead = 0;
    public const int ColumnHead = 1;

    public WordPlacement Placement { get; } = placement;

    public override int Vectors => 2 * Placement.Side;

    public override IReadOnlyList<int> Heads => [Placement.Side, Placement.Side];

    public override void Append(ReadOnlySpan<int> sentence, List<WordStep> steps)
    {
        int word = Vocabulary.Boundary;
        steps.Add(new WordStep(Placement.RowOf(word), ColumnHead, -1, word, true));
        for (int i = 0; i <= sentence.Length; i++)
        {
            int next = i < sentence.Length ? sentence[i] : Vocabulary.Boundary;
            steps.Add(new WordStep(Placement.Side + Placement.ColumnOf(word), RowHead, Placement.RowOf(next), next, false));
            steps.Add(new WordStep(Placement.RowOf(next), ColumnHead, Placement.ColumnOf(next), next, false));
            word = next;
        }
    }
}
