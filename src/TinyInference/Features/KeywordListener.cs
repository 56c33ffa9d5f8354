namespace TinyInference;

/// <summary>
/// Hears words in sound as it comes in: features frame by frame, the network every few frames, and a decision over several of its answers. All memory is
/// allocated by the constructor. Not for use from several threads at once.
/// </summary>
public sealed class KeywordListener
{
    private readonly FeatureTables _tables;
    private readonly FrameStream _frames;
    private readonly Session _session;
    private readonly KeywordDetector _detector;
    private readonly string[] _labels;
    private readonly int _hop;
    private readonly int _average;
    private int _nextRun;
    private int _lead;

    /// <param name="model">A keyword network: features in, a softmax over named classes out.</param>
    /// <param name="hop">Frames from a run of the network to the next: 5 is every 100 ms where a frame is 20 ms.</param>
    /// <param name="average">Runs that are averaged.</param>
    /// <exception cref="BlobException">The blob is no keyword network: it has no tables for sound, or its output is not one int8 probability for each label.</exception>
    public KeywordListener(Model model, int hop, int average)
    {
        _tables = FeatureTables.Of(model);
        string labels = model.GetMetadata(Metadata.Labels);
        Tensor output = model.Outputs[0];
        if (_tables is null || labels is null || hop < 1 || average < 1)
        {
            throw new BlobException(BlobError.Resource, Resource.Features);
        }

        _labels = labels.Split(new char[] { '\n' });
        if (output.Type != TensorType.Int8 || output.ElementCount != _labels.Length)
        {
            throw new BlobException(BlobError.Resource, Resource.Features);
        }

        var isWord = new bool[_labels.Length];
        for (int i = 0; i < isWord.Length; i++)
        {
            isWord[i] = IsWord(_labels[i]);
        }

        _hop = hop;
        _average = average;
        _frames = new FrameStream(_tables);
        _session = new Session(model);
        _detector = new KeywordDetector(isWord, average);
        Reset();
    }

    /// <summary>The tables of the blob: its rate is that of the samples to push.</summary>
    public FeatureTables Tables => _tables;

    /// <summary>Makes the decisions; its threshold may be changed.</summary>
    public KeywordDetector Detector => _detector;

    /// <summary>The classes' names; not to be changed.</summary>
    public string[] Labels => _labels;

    /// <summary>The class that the last <see cref="Push"/> heard; -1 for none.</summary>
    public int Word { get; private set; }

    /// <summary>About where the middle of the last word was, in milliseconds since the beginning.</summary>
    public int WordTime { get; private set; }

    /// <summary>Milliseconds of sound that have been taken as frames.</summary>
    public int Time => (int)((long)_frames.FrameCount * _tables.StepSamples * 1000 / _tables.SampleRate);

    /// <summary>Whether a label names a word, and not silence or what is none of the words.</summary>
    public static bool IsWord(string label)
    {
        string plain = label.ToLower().Trim(new char[] { '_' });
        return plain != "silence" && plain != "unknown" && plain != "noise";
    }

    /// <summary>Begins anew: what came before is silence.</summary>
    public void Reset()
    {
        _frames.Reset();
        _detector.Reset();
        _nextRun = _hop;
        Word = -1;

        // The answer about a window comes when it is full; a word in its middle, half a window before. The average is late by half of what it spans.
        int window = _tables.Frames + ((_average - 1) * _hop);
        _lead = (int)((long)window * _tables.StepSamples * 500 / _tables.SampleRate);
    }

    /// <summary>Takes samples until all are taken or a word is heard.</summary>
    /// <param name="samples">16-bit, at the tables' rate.</param>
    /// <param name="offset">Of the first one.</param>
    /// <param name="count">How many there are.</param>
    /// <returns>How many were taken; go on with the others after a look at <see cref="Word"/>.</returns>
    public int Push(short[] samples, int offset, int count)
    {
        Word = -1;
        int step = _tables.StepSamples;
        int taken = 0;
        while (taken < count && Word < 0)
        {
            // No more than a step: no more than a frame.
            int part = count - taken < step ? count - taken : step;
            _frames.Push(samples, offset + taken, part);
            taken += part;
            if (_frames.FrameCount >= _nextRun)
            {
                _nextRun += _hop;
                Run();
            }
        }

        return taken;
    }

    private void Run()
    {
        _frames.Read(_session.Arena, _session.Model.Inputs[0].ArenaOffset);
        _session.Run();
        int word = _detector.Add(_session.Arena, _session.Model.Outputs[0].ArenaOffset, Time);
        if (word >= 0)
        {
            Word = word;
            WordTime = _detector.Time > _lead ? _detector.Time - _lead : 0;
        }
    }
}
