namespace TinyInference.Converter.Cli.Listening;

/// <summary>Sound on its way through the runtime's listener, piece by piece.</summary>
/// <param name="listener">What hears the words.</param>
/// <param name="heard">Told of each.</param>
/// <param name="commands">Given the words, where commands are made of them.</param>
internal sealed class Recording(KeywordListener listener, Action<HeardWord> heard, SpokenCommands? commands)
{
    private double Now => listener.Time / 1000.0;

    /// <param name="samples">At the listener's rate.</param>
    public void Push(short[] samples, CancellationToken cancellation)
    {
        for (int offset = 0; offset < samples.Length;)
        {
            cancellation.ThrowIfCancellationRequested();
            offset += listener.Push(samples, offset, samples.Length - offset);
            if (listener.Word >= 0)
            {
                var word = new HeardWord(listener.WordTime / 1000.0, listener.Labels[listener.Word], listener.Detector.Score / 255.0);

                // First the command before it, if this word ends one.
                commands?.Add(word, Now);
                heard(word);
            }
        }

        commands?.Pass(Now);
    }

    /// <summary>The sound is at its end: silence follows, so that the last word comes into the middle of what the network sees.</summary>
    public void End()
    {
        Push(new short[listener.Tables.SampleRate * 3 / 4], CancellationToken.None);
        commands?.End();
    }
}
