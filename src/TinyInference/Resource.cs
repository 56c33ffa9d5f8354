namespace TinyInference;

/// <summary>Bytes that a blob carries beside the network, under a tag: tables that no operator reads but what runs around the network does.</summary>
public sealed class Resource
{
    /// <summary>The words of a vocabulary and their order.</summary>
    public const int Words = 1;

    /// <summary>The row and the column of each word.</summary>
    public const int Cells = 2;

    /// <summary>Tables of the extraction of features from sound.</summary>
    public const int Features = 3;

    /// <summary>Intents, slots and thresholds of commands.</summary>
    public const int Commands = 4;

    internal Resource(int tag, byte[] bytes, int start, int length)
    {
        Tag = tag;
        Bytes = bytes;
        Start = start;
        Length = length;
    }

    /// <summary>What the bytes are.</summary>
    public int Tag { get; }

    /// <summary>Holds the bytes from <see cref="Start"/> on, and perhaps more around them; not to be changed.</summary>
    public byte[] Bytes { get; internal set; }

    /// <summary>Where the bytes begin in <see cref="Bytes"/>.</summary>
    public int Start { get; internal set; }

    /// <summary>How many there are.</summary>
    public int Length { get; }
}
