namespace TinyInference.Converter.Cli.Listening;

/// <summary>Makes commands of words: what lies between two pauses is one.</summary>
/// <param name="pause">Seconds from a word to the next that end a command.</param>
/// <param name="complete">Told of the words of each command.</param>
internal sealed class SpokenCommands(double pause, Action<IReadOnlyList<HeardWord>> complete)
{
    /// <summary>Seconds by which a word may be recognised later after it was said than the word before it.</summary>
    private const double Lateness = 0.5;

    private readonly List<HeardWord> _words = [];
    private double _recognised;

    /// <param name="now">When it was recognised, in seconds of the sound: later than it was said.</param>
    public void Add(HeardWord word, double now)
    {
        if (_words.Count > 0 && word.Time - _words[^1].Time > pause)
        {
            End();
        }

        _words.Add(word);
        _recognised = now;
    }

    /// <summary>Sound has gone by: a microphone's command is complete although no word follows.</summary>
    /// <param name="now">Seconds of the sound.</param>
    public void Pass(double now)
    {
        if (now - _recognised > pause + Lateness)
        {
            End();
        }
    }

    /// <summary>No word follows.</summary>
    public void End()
    {
        if (_words.Count > 0)
        {
            HeardWord[] words = [.. _words];
            _words.Clear();
            complete(words);
        }
    }
}
