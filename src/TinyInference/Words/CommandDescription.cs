using System.Text;

namespace TinyInference.Words;

/// <summary>What a network for commands tells apart, and when it is sure enough (resource 4; docs/SPEC.md).</summary>
internal sealed class CommandDescription
{
    private const int HeaderBytes = 8;
    private const int None = 255;
    private const int MostDelay = 8;

    private readonly string[] _names;

    /// <param name="resource">Its bytes must not change.</param>
    /// <exception cref="BlobException">The bytes are no description.</exception>
    internal CommandDescription(Resource resource)
    {
        byte[] bytes = resource.Bytes;
        int at = resource.Start;
        int end = at + resource.Length;
        Require(resource.Length >= HeaderBytes);
        Intents = bytes[at];
        Slots = bytes[at + 1];
        Delay = bytes[at + 2];
        LeastConfidence = bytes[at + 3];
        MostUnknown = bytes[at + 4];
        Other = bytes[at + 5] == None ? -1 : bytes[at + 5];
        Require(Intents > 0 && Delay <= MostDelay && LeastConfidence <= 100 && MostUnknown <= 100 && Other < Intents && bytes[at + 6] == 0 && bytes[at + 7] == 0);
        at += HeaderBytes;
        Require(Intents + Slots <= end - at);
        _names = new string[Intents + Slots];
        for (int i = 0; i < _names.Length; i++)
        {
            Require(at < end);
            int length = bytes[at++];
            Require(length > 0 && length <= end - at);
            _names[i] = Encoding.UTF8.GetString(bytes, at, length);
            at += length;
        }

        Require(at == end);
    }

    internal int Intents { get; }

    /// <summary>Without the class of words that fill none.</summary>
    internal int Slots { get; }

    /// <summary>Words that are read after a word before its slot is decided.</summary>
    internal int Delay { get; }

    /// <summary>Percent that an intent must have.</summary>
    internal int LeastConfidence { get; }

    /// <summary>Percent of the words that may be unknown.</summary>
    internal int MostUnknown { get; }

    /// <summary>The intent of sentences that are no command; -1 where there is none.</summary>
    internal int Other { get; }

    /// <summary>Intents first, then slots.</summary>
    internal string Name(int i) => _names[i];

    private static void Require(bool condition)
    {
        if (!condition)
        {
            throw new BlobException(BlobError.Resource, Resource.Commands);
        }
    }
}
