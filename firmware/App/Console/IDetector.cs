namespace TinyInference.Device;

/// <summary>A streaming wake word: listens in the background and notes when it heard the word.</summary>
public interface IDetector
{
    /// <summary>How often the word was heard since <see cref="Start"/>.</summary>
    int Count { get; }

    /// <summary>Begins to listen, with no detections.</summary>
    void Start();

    /// <summary>Ends listening; the detections stay.</summary>
    void Stop();

    /// <summary>When detection <paramref name="index"/> was, in microseconds after <see cref="Start"/>.</summary>
    long Microseconds(int index);
}
