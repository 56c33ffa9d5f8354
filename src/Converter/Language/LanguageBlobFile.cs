using System.Text;
using TinyInference.Words;

namespace TinyInference.Converter.Language;

/// <summary>A language model in a blob, run by the runtime that runs on devices.</summary>
internal sealed class LanguageBlobFile
{
    private const int Threads = 2;
    private const double OneNat = 1 << LanguageModel.FractionBits;

    private readonly Model _model;
    private readonly WordIndex _index;

    private LanguageBlobFile(Model model, string file)
    {
        _model = model;
        File = file;
        Predictor = CreatePredictor();
        _index = Predictor.Words;
    }

    public string File { get; }

    /// <summary>One that is ready for a sentence.</summary>
    public LanguageModel Predictor { get; }

    /// <summary>Of the index of words and their cells.</summary>
    public int WordBytes => _model.GetResource(Resource.Words).Length + _model.GetResource(Resource.Cells).Length;

    /// <exception cref="InputException">It is no language model, or damaged.</exception>
    public static LanguageBlobFile Load(Model model, string file)
    {
        try
        {
            return new LanguageBlobFile(model, file);
        }
        catch (BlobException e)
        {
            throw new InputException($"{file}: is no language model, or its words do not fit its network; make one with 'lightrnn train'", e);
        }
    }

    /// <summary>The text of a word.</summary>
    public string TextOf(int word)
    {
        var bytes = new byte[Tokenizer.MostBytes];
        return Encoding.UTF8.GetString(bytes, 0, _index.Read(word, bytes));
    }

    /// <summary>Its vocabulary, and for each of its words the number in the blob.</summary>
    public (Vocabulary Vocabulary, int[] Numbers) Vocabulary()
    {
        string[] words = [.. Enumerable.Range(0, _index.Count).Select(TextOf)];
        int[] order = [Predictor.Unknown, Predictor.Boundary, .. Enumerable.Range(0, words.Length).Where(w => w != Predictor.Unknown && w != Predictor.Boundary)];
        return (new Vocabulary([.. order.Select(w => words[w])]), order);
    }

    /// <summary>exp of the mean over the words, ends of sentences among them, of -log p.</summary>
    /// <param name="sentences">By the blob's numbers.</param>
    /// <param name="progress">Told the part that is done.</param>
    public double Perplexity(IReadOnlyList<int[]> sentences, Action<double> progress, CancellationToken cancellation)
    {
        var losses = new double[sentences.Count];
        int done = 0;
        Parallel.For(0, sentences.Count, new ParallelOptions { MaxDegreeOfParallelism = Threads, CancellationToken = cancellation }, CreatePredictor, (i, _, predictor) =>
        {
            predictor.Reset();
            foreach (int word in sentences[i])
            {
                losses[i] -= predictor.StepLogProbability(word) / OneNat;
            }

            losses[i] -= predictor.StepLogProbability(predictor.Boundary) / OneNat;
            progress((double)Interlocked.Increment(ref done) / sentences.Count);
            return predictor;
        }, _ => { });
        return Math.Exp(losses.Sum() / sentences.Sum(s => s.Length + 1L));
    }

    private LanguageModel CreatePredictor() => new(new Session(_model));
}
