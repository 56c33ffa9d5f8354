namespace TinyInference.Converter.Passes;

/// <summary>A set of node positions; immutable, and equal to others with the same members.</summary>
internal sealed class NodeSet : IEquatable<NodeSet>
{
    private readonly ulong[] _words;

    /// <summary>The empty set of positions below <paramref name="capacity"/>.</summary>
    public NodeSet(int capacity) => _words = new ulong[(capacity + 63) / 64];

    private NodeSet(ulong[] words) => _words = words;

    public bool Contains(int position) => (_words[position >> 6] >> (position & 63) & 1) != 0;

    public NodeSet With(int position)
    {
        var words = (ulong[])_words.Clone();
        words[position >> 6] |= 1UL << (position & 63);
        return new NodeSet(words);
    }

    public bool Equals(NodeSet? other) => other is not null && _words.AsSpan().SequenceEqual(other._words);

    public override bool Equals(object? obj) => Equals(obj as NodeSet);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (ulong word in _words)
        {
            hash.Add(word);
        }

        return hash.ToHashCode();
    }
}
