using System.Text;
using TinyInference.Converter.Data;

namespace TinyInference.Converter.Commands.Grammars;

/// <summary>A part of a grammar: makes texts, and says whether a text is among those that it can make.</summary>
internal abstract class GrammarNode
{
    /// <summary>The most words that it makes; above a limit a grammar is refused, so that nothing here grows without end.</summary>
    public abstract long MostWords { get; }

    /// <summary>The fewest words that it makes.</summary>
    public abstract long LeastWords { get; }

    /// <summary>How many texts it makes, equal ones counted as often as they can be made.</summary>
    public abstract double Count { get; }

    /// <summary>A slot is marked in it somewhere.</summary>
    public abstract bool HasSlots { get; }

    /// <summary>Appends a text by chance.</summary>
    public abstract void Generate(StringBuilder text, SplitMix chance);

    /// <summary>Adds where the texts end that it can make from <paramref name="start"/> on.</summary>
    public abstract void Match(GrammarMatch match, int start, HashSet<int> ends);
}

/// <summary>A word as it is written, or what is written onto the word before ("'s").</summary>
internal sealed class WordNode(string text, string words, bool isGlued) : GrammarNode
{
    public override long MostWords => 1;

    public override long LeastWords => 1;

    public override double Count => 1;

    public override bool HasSlots => false;

    public override void Generate(StringBuilder text1, SplitMix chance)
    {
        if (!isGlued && text1.Length > 0 && text1[^1] is not (' ' or ':'))
        {
            text1.Append(' ');
        }

        text1.Append(text);
    }

    public override void Match(GrammarMatch match, int start, HashSet<int> ends)
    {
        int at = isGlued ? start : match.AfterSpace(start);
        if (at >= 0 && match.Text.AsSpan(at).StartsWith(words, StringComparison.Ordinal))
        {
            ends.Add(at + words.Length);
        }
    }
}

/// <summary>Any word: a made-up one when sentences are made.</summary>
internal sealed class AnyWordNode(bool isGlued) : GrammarNode
{
    private static readonly string[] s_starts = ["b", "br", "c", "d", "dr", "f", "fl", "g", "gr", "h", "j", "k", "kr", "l", "m", "n", "p", "pl", "r", "s", "st", "t", "tr", "v", "w", "z"];
    private static readonly string[] s_middles = ["a", "e", "i", "o", "u", "ai", "ea", "oo", "ou", "y"];
    private static readonly string[] s_ends = ["", "n", "l", "r", "s", "x", "m", "nd", "rk", "t"];

    public override long MostWords => 1;

    public override long LeastWords => 1;

    public override double Count => 1e6;

    public override bool HasSlots => false;

    public override void Generate(StringBuilder text, SplitMix chance)
    {
        if (!isGlued && text.Length > 0 && text[^1] is not (' ' or ':'))
        {
            text.Append(' ');
        }

        for (int syllables = 2 + chance.Next(2); syllables > 0; syllables--)
        {
            text.Append(s_starts[chance.Next(s_starts.Length)]).Append(s_middles[chance.Next(s_middles.Length)]);
        }

        text.Append(s_ends[chance.Next(s_ends.Length)]);
    }

    public override void Match(GrammarMatch match, int start, HashSet<int> ends)
    {
        int at = isGlued ? start : match.AfterSpace(start);
        for (int end = at + 1; at >= 0 && end <= match.Text.Length && match.Text[end - 1] != ' '; end++)
        {
            ends.Add(end);
        }
    }
}

/// <summary>One part after the other.</summary>
internal sealed class SequenceNode(IReadOnlyList<GrammarNode> parts) : GrammarNode
{
    public override long MostWords => parts.Sum(p => p.MostWords);

    public override long LeastWords => parts.Sum(p => p.LeastWords);

    public override double Count => parts.Aggregate(1.0, (count, p) => count * p.Count);

    public override bool HasSlots => parts.Any(p => p.HasSlots);

    public override void Generate(StringBuilder text, SplitMix chance)
    {
        foreach (GrammarNode part in parts)
        {
            part.Generate(text, chance);
        }
    }

    public override void Match(GrammarMatch match, int start, HashSet<int> ends)
    {
        var at = new HashSet<int> { start };
        foreach (GrammarNode part in parts)
        {
            var next = new HashSet<int>();
            foreach (int position in at)
            {
                match.Match(part, position, next);
            }

            at = next;
        }

        ends.UnionWith(at);
    }
}

/// <summary>One of several.</summary>
/// <param name="prefersVariety">
/// What can make more is chosen more often, by the logarithm of how much: so neither do a few fixed sentences come again and again nor are they drowned. Otherwise
/// each is as likely as the others.
/// </param>
internal sealed class ChoiceNode(IReadOnlyList<GrammarNode> options, bool prefersVariety = false) : GrammarNode
{
    /// <summary>More than so many powers of ten make no difference.</summary>
    private const double MostPowers = 15;

    private readonly double[] _weights = prefersVariety ? [.. options.Select(o => 1 + Math.Clamp(Math.Log10(o.Count), 0, MostPowers))] : [];

    public override long MostWords => options.Max(o => o.MostWords);

    public override long LeastWords => options.Min(o => o.LeastWords);

    public override double Count => options.Sum(o => o.Count);

    public override bool HasSlots => options.Any(o => o.HasSlots);

    public IReadOnlyList<GrammarNode> Options => options;

    public override void Generate(StringBuilder text, SplitMix chance) => options[prefersVariety ? Weighted(chance) : chance.Next(options.Count)].Generate(text, chance);

    public override void Match(GrammarMatch match, int start, HashSet<int> ends)
    {
        foreach (GrammarNode option in options)
        {
            match.Match(option, start, ends);
        }
    }

    private int Weighted(SplitMix chance)
    {
        double left = chance.NextShare() * _weights.Sum();
        int option = 0;
        while (option < _weights.Length - 1 && left >= _weights[option])
        {
            left -= _weights[option++];
        }

        return option;
    }
}

/// <summary>What is inside fills a slot.</summary>
internal sealed class SlotNode(string slot, GrammarNode inside) : GrammarNode
{
    public override long MostWords => inside.MostWords;

    public override long LeastWords => inside.LeastWords;

    public override double Count => inside.Count;

    public override bool HasSlots => true;

    public override void Generate(StringBuilder text, SplitMix chance)
    {
        if (text.Length > 0 && text[^1] != ' ')
        {
            text.Append(' ');
        }

        text.Append('[').Append(slot).Append(':');
        inside.Generate(text, chance);
        text.Append(']');
    }

    public override void Match(GrammarMatch match, int start, HashSet<int> ends) => match.Match(inside, start, ends);
}

/// <summary>The rule of a name. Its properties are found once: rules use each other many times over.</summary>
internal sealed class RuleNode(GrammarRule rule) : GrammarNode
{
    public override long MostWords => rule.MostWords;

    public override long LeastWords => rule.LeastWords;

    public override double Count => rule.Count;

    public override bool HasSlots => rule.HasSlots;

    public override void Generate(StringBuilder text, SplitMix chance) => rule.Body.Generate(text, chance);

    public override void Match(GrammarMatch match, int start, HashSet<int> ends) => match.Match(rule.Body, start, ends);
}
