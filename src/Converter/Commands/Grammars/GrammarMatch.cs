namespace TinyInference.Converter.Commands.Grammars;

/// <summary>Finds whether a grammar can make a text: where each part can end is found once for each start, so that the time is bounded.</summary>
internal sealed class GrammarMatch
{
    private readonly Dictionary<(GrammarNode Node, int Start), HashSet<int>> _found = [];

    private GrammarMatch(string text) => Text = text;

    /// <summary>Words apart by single spaces.</summary>
    public string Text { get; }

    /// <summary>Whether <paramref name="node"/> can make exactly these words.</summary>
    public static bool Matches(GrammarNode node, IReadOnlyList<string> words)
    {
        var match = new GrammarMatch(string.Join(' ', words));
        var ends = new HashSet<int>();
        match.Match(node, 0, ends);
        return ends.Contains(match.Text.Length);
    }

    public void Match(GrammarNode node, int start, HashSet<int> ends)
    {
        if (!_found.TryGetValue((node, start), out HashSet<int>? found))
        {
            found = [];
            node.Match(this, start, found);
            _found[(node, start)] = found;
        }

        ends.UnionWith(found);
    }

    /// <summary>Where a new word begins that follows what ends at <paramref name="start"/>; -1 where none does.</summary>
    public int AfterSpace(int start) => start == 0 ? 0 : start < Text.Length && Text[start] == ' ' ? start + 1 : -1;
}
