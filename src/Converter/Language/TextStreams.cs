namespace TinyInference.Converter.Language;

/// <summary>Sentences dealt out to streams, one after the other in each, and read in chunks of so many steps.</summary>
internal sealed class TextStreams
{
    /// <summary>Where a stream has ended: reads something and predicts nothing.</summary>
    private static readonly WordStep s_nothing = new(0, 0, -1, 0, true);

    private readonly List<WordStep>[] _streams;
    private readonly int _steps;

    /// <param name="order">Of the sentences; each goes to the stream that is the shortest until then.</param>
    public TextStreams(IReadOnlyList<int[]> sentences, IReadOnlyList<int> order, WordCoding coding, int streams, int steps)
    {
        _steps = steps;
        _streams = [.. Enumerable.Range(0, streams).Select(_ => new List<WordStep>())];
        var shortest = new PriorityQueue<int, (int Length, int Stream)>();
        for (int i = 0; i < streams; i++)
        {
            shortest.Enqueue(i, (0, i));
        }

        foreach (int sentence in order)
        {
            int stream = shortest.Dequeue();
            coding.Append(sentences[sentence], _streams[stream]);
            shortest.Enqueue(stream, (_streams[stream].Count, stream));
        }

        Chunks = (_streams.Max(s => s.Count) + steps - 1) / steps;
    }

    public int Chunks { get; }

    /// <summary>Sets the steps of a part whose first stream is <paramref name="firstStream"/>.</summary>
    /// <returns>Predictions in them.</returns>
    public int Read(int chunk, int firstStream, LanguagePart part)
    {
        int predictions = 0;
        for (int t = 0; t < _steps; t++)
        {
            for (int b = 0; b < part.Streams; b++)
            {
                List<WordStep> stream = _streams[firstStream + b];
                int at = (chunk * _steps) + t;
                WordStep step = at < stream.Count ? stream[at] : s_nothing;
                part.Steps[(t * part.Streams) + b] = step;
                predictions += step.Target >= 0 ? 1 : 0;
            }
        }

        return predictions;
    }

    /// <summary>The first vectors that a stream reads; where it is shorter, it begins again.</summary>
    public int[] Inputs(int stream, int count)
    {
        List<WordStep> steps = _streams[stream].Count > 0 ? _streams[stream] : _streams[0];
        return [.. Enumerable.Range(0, count).Select(i => steps[i % steps.Count].Input)];
    }
}
