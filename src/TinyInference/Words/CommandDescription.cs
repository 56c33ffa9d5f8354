using System.Text;

namespace TinyInference.Words;

/// <summary>What a network for commands tells apart, and when it is sure enough (resource 4; docs/SPEC.md).</summary>
internal sealed class CommandDescription
{
    private const int HeaderBytes = 8;
    private const int None = 255;
    private const int MostDelay = 8;

    /// <summary>A flag: behind the names stands which slots each intent may have.</summary>
    private const int HasAllowedSlots = 1;

    private readonly string[] _names;
    private readonly byte[] _bytes;

    /// <summary>Where the allowed slots begin; -1 where all are.</summary>
    private readonly int _allowed;

    /// <param name="resource">Its bytes must not change.</param>
    /// <exception cref="BlobException">The bytes are no description.</exception>
    internal CommandDescription(Resource resource)
    {
        byte[] bytes = resource.Bytes;
        _bytes = bytes;
        int at = resource.Start;
        int end = at + resource.Length;
        Require(resource.Length >= HeaderBytes);
        Intents = bytes[at];
        Slots = bytes[at + 1];
        Delay = bytes[at + 2];
        LeastConfidence = bytes[at + 3];
        MostUnknown = bytes[at + 4];
        Other = bytes[at + 5] == None ? -1 : bytes[at + 5];
        Require(Intents > 0 && Delay <= MostDelay && LeastConfidence <= 100 && MostUnknown <= 100 && Other < Intents && bytes[at + 6] <= HasAllowedSlots && bytes[at + 7] == 0);
        bool hasAllowedSlots = bytes[at + 6] == HasAllowedSlots;
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

        _allowed = hasAllowedSlots ? at : -1;
        Require(at + (hasAllowedSlots ? Intents * AllowedBytes : 0) == end);
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

    private int AllowedBytes => (Slots + 7) / 8;

    /// <summary>Whether words of an intent's sentences may fill a slot.</summary>
    internal bool Allows(int intent, int slot) => _allowed < 0 || ((_bytes[_allowed + (intent * AllowedBytes) + (slot / 8)] >> (slot % 8)) & 1) != 0;

    private static void Require(bool condition)
    {
        if (!condition)
        {
            throw new BlobException(BlobError.Resource, Resource.Commands);
        }
    }
}
