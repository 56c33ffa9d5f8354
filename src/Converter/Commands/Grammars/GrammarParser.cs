namespace TinyInference.Converter.Commands.Grammars;

/// <summary>
/// Reads alternatives: words, "$rule", "*" for any word, "( | )" for a choice, "[slot: ]" around what fills a slot, and "?" behind what may be left out.
/// What stands without a space behind a rule or a bracket is written onto it: "$person's".
/// </summary>
internal sealed class GrammarParser
{
    /// <summary>Brackets inside brackets.</summary>
    private const int MostDepth = 50;

    private static readonly System.Buffers.SearchValues<char> s_nameCharacters = System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

    private static readonly System.Buffers.SearchValues<char> s_special = System.Buffers.SearchValues.Create(" \t()[]|?$*");

    private readonly string _text;
    private readonly string _where;
    private readonly Func<string, GrammarNode> _rule;
    private int _at;
    private int _depth;
    private bool _isInSlot;

    private GrammarParser(string text, string where, Func<string, GrammarNode> rule)
    {
        _text = text;
        _where = where;
        _rule = rule;
    }

    /// <param name="where">File and line, for messages.</param>
    /// <param name="rule">Finds the rule of a name.</param>
    /// <exception cref="InputException">The text is not as it has to be.</exception>
    public static GrammarNode Parse(string text, string where, Func<string, GrammarNode> rule)
    {
        var parser = new GrammarParser(text, where, rule);
        GrammarNode node = parser.Choice();
        return parser._at == text.Length ? node : throw parser.Wrong(text[parser._at] == ')' ? "a ')' closes nothing" : "a ']' closes nothing");
    }

    public static bool IsRuleName(string text) => text.Length > 1 && text[0] == '$' && text.AsSpan(1).IndexOfAnyExcept(s_nameCharacters) < 0;

    private GrammarNode Choice()
    {
        var options = new List<GrammarNode> { Sequence() };
        while (_at < _text.Length && _text[_at] == '|')
        {
            _at++;
            options.Add(Sequence());
        }

        return options.Count == 1 ? options[0] : new ChoiceNode(options);
    }

    private SequenceNode Sequence()
    {
        var parts = new List<GrammarNode>();
        bool isGlued = false;
        while (_at < _text.Length && _text[_at] is not ('|' or ')' or ']'))
        {
            if (_text[_at] is ' ' or '\t')
            {
                _at++;
                isGlued = false;
                continue;
            }

            if (_text[_at] == '?')
            {
                throw Wrong("a '?' stands behind nothing that could be left out");
            }

            GrammarNode part = Part(isGlued);
            if (_at < _text.Length && _text[_at] == '?')
            {
                _at++;
                part = new ChoiceNode([part, new SequenceNode([])]);
            }

            parts.Add(part);
            isGlued = true;
        }

        return new SequenceNode(parts);
    }

    private GrammarNode Part(bool isGlued)
    {
        switch (_text[_at])
        {
            case '(':
                return Bracket(')', Choice);
            case '[':
                return Bracket(']', Slot);
            case '$':
                int end = EndOf(_at + 1, s_nameCharacters);
                GrammarNode rule = _rule(_text[_at..end]);
                if (_isInSlot && rule.HasSlots)
                {
                    throw Wrong($"{_text[_at..end]} marks a slot itself and cannot be inside one");
                }

                _at = end;
                return rule;
            case '*':
                _at++;
                return new AnyWordNode(isGlued);
            default:
                return Word(isGlued);
        }
    }

    private GrammarNode Bracket(char close, Func<GrammarNode> inside)
    {
        int open = _at++;
        if (++_depth > MostDepth)
        {
            throw Wrong($"brackets inside brackets are more than {MostDepth} deep");
        }

        GrammarNode node = inside();
        if (_at == _text.Length || _text[_at] != close)
        {
            _at = open;
            throw Wrong($"a '{_text[open]}' is not closed on its line");
        }

        _at++;
        _depth--;
        return node;
    }

    private SlotNode Slot()
    {
        int colon = _text.IndexOf(':', _at);
        string slot = colon < 0 ? "" : _text[_at..colon];
        if (_isInSlot || !Names.IsName(slot))
        {
            throw Wrong(_isInSlot ? "a slot cannot be inside a slot" : "a slot is written [name:words]");
        }

        _at = colon + 1;
        _isInSlot = true;
        var node = new SlotNode(slot, Choice());
        _isInSlot = false;
        return node;
    }

    private WordNode Word(bool isGlued)
    {
        int rest = _text.AsSpan(_at).IndexOfAny(s_special);
        int end = rest < 0 ? _text.Length : _at + rest;
        string word = _text[_at..end];
        if (isGlued)
        {
            _at = end;
            return new WordNode(word, word.ToLowerInvariant(), isGlued: true);
        }

        string words = string.Join(' ', SentenceWords.Split(word));
        if (words.Length == 0)
        {
            throw Wrong($"'{word}' is no word");
        }

        _at = end;
        return new WordNode(word, words, isGlued: false);
    }

    private int EndOf(int start, System.Buffers.SearchValues<char> characters)
    {
        int length = _text.AsSpan(start).IndexOfAnyExcept(characters);
        return length < 0 ? _text.Length : start + length;
    }

    private InputException Wrong(string what) => new($"{_where}, column {_at + 1}: {what}");
}
