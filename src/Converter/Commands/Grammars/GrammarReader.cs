using TinyInference.Converter.Data;

namespace TinyInference.Converter.Commands.Grammars;

/// <summary>
/// Reads grammars. Each line begins a definition ("$name = ...", "intent NAME", "before = ...", "after = ...", "include FILE") or, indented, adds
/// alternatives to the one before. Errors name file, line and column.
/// </summary>
internal sealed class GrammarReader
{
    /// <summary>Words of the longest sentence: a grammar that makes longer ones is a mistake.</summary>
    private const int MostWords = 200;

    /// <summary>Rules that use rules that use rules.</summary>
    private const int MostDepth = 50;

    private const string IncludeWord = "include ";
    private const string IntentWord = "intent ";

    private readonly Func<string, byte[]> _read;
    private readonly HashSet<string> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, GrammarRule> _rules = new(StringComparer.Ordinal);
    private readonly Dictionary<string, GrammarRule> _intents = new(StringComparer.Ordinal);
    private readonly Dictionary<string, GrammarRule> _around = new(StringComparer.Ordinal);

    private GrammarReader(Func<string, byte[]> read) => _read = read;

    /// <summary>Reads a file, and those beside it that it includes.</summary>
    /// <exception cref="InputException">A file cannot be read, or is no grammar.</exception>
    public static Grammar Read(string path)
    {
        string folder = Path.GetDirectoryName(path) ?? "";
        return Read(Path.GetFileName(path), name => InputBytes.ReadFile(Path.Combine(folder, name)));
    }

    /// <summary>Whether a file has intents, and not only rules for others.</summary>
    public static bool DescribesIntents(string path) => TextLines.Of(path, InputBytes.ReadFile(path)).Any(l => l.Line.StartsWith(IntentWord, StringComparison.Ordinal));

    /// <param name="name">The file's.</param>
    /// <param name="read">Gives the bytes of a file of that name, without a folder.</param>
    public static Grammar Read(string name, Func<string, byte[]> read)
    {
        var reader = new GrammarReader(read);
        reader.ReadFile(name, isIncluded: false);
        foreach (GrammarRule rule in reader._rules.Values.Concat(reader._intents.Values).Concat(reader._around.Values))
        {
            CheckComplete(rule);
        }

        if (reader._intents.Count == 0)
        {
            throw new InputException($"{name}: describes no intent; write 'intent NAME' and below it, indented, its sentences");
        }

        return new Grammar(name, reader._intents.Values, reader._around.GetValueOrDefault("before"), reader._around.GetValueOrDefault("after"));
    }

    private void ReadFile(string name, bool isIncluded)
    {
        _files.Add(name);
        GrammarRule? rule = null;
        foreach ((int number, string line) in TextLines.Of(name, _read(name)))
        {
            string where = $"{name}, line {number}";
            string text = line.Trim();
            if (text.Length == 0 || text[0] == '#')
            {
                continue;
            }

            if (line[0] is ' ' or '\t')
            {
                AddOptions(rule ?? throw new InputException($"{where}: is indented, but there is no definition before it"), text, where);
            }
            else if (text.StartsWith(IncludeWord, StringComparison.Ordinal))
            {
                Include(text[IncludeWord.Length..].Trim(), where);
                rule = null;
            }
            else
            {
                rule = Define(text, where, isIncluded);
            }
        }
    }

    private void Include(string name, string where)
    {
        if (name.Length == 0 || name != Path.GetFileName(name) || name.Contains('\\'))
        {
            throw new InputException($"{where}: 'include' takes the name of a file in the same folder, not '{MarkedSentence.Excerpt(name)}'");
        }

        if (!_files.Contains(name))
        {
            ReadFile(name, isIncluded: true);
        }
    }

    private GrammarRule Define(string text, string where, bool isIncluded)
    {
        if (text.StartsWith(IntentWord, StringComparison.Ordinal))
        {
            string intent = text[IntentWord.Length..].Trim();
            if (isIncluded || !Names.IsName(intent))
            {
                throw new InputException(isIncluded
                    ? $"{where}: a file that is included holds rules only, no intents"
                    : $"{where}: '{MarkedSentence.Excerpt(intent)}' is no name of an intent; it has letters, digits, '_', '-' or '.', at most {Names.MostLength} of them");
            }

            // An intent may come several times, to group its sentences.
            return _intents.TryGetValue(intent, out GrammarRule? known) ? known : _intents[intent] = new GrammarRule(intent, where, isIntent: true);
        }

        int equals = text.IndexOf('=', StringComparison.Ordinal);
        string name = equals < 0 ? "" : text[..equals].Trim();
        bool isAround = name is "before" or "after";
        if (!isAround && (!GrammarParser.IsRuleName(name)))
        {
            throw new InputException($"{where}: begins no definition; that is '$name = ...', 'intent NAME', 'before = ...', 'after = ...' or 'include FILE'");
        }

        Dictionary<string, GrammarRule> rules = isAround ? _around : _rules;
        if (isAround && isIncluded)
        {
            throw new InputException($"{where}: a file that is included holds rules only, no '{name}'");
        }

        var rule = new GrammarRule(name, where);
        if (!rules.TryAdd(name, rule))
        {
            throw new InputException($"{where}: {name} is defined already ({rules[name].Where})");
        }

        string first = text[(equals + 1)..].Trim();
        if (first.Length > 0)
        {
            AddOptions(rule, first, where);
        }

        return rule;
    }

    private void AddOptions(GrammarRule rule, string text, string where)
    {
        GrammarNode node = GrammarParser.Parse(text, where, name => Use(rule, name, where));
        if (node.LeastWords == 0 && rule.Name[0] != '$' && !_around.ContainsValue(rule))
        {
            throw new InputException($"{where}: the line can make a sentence without words");
        }

        rule.Add(node);
        if (rule.Depth > MostDepth)
        {
            throw new InputException($"{where}: rules inside rules are more than {MostDepth} deep");
        }
    }

    /// <summary>A rule is complete before it is used: so none can contain itself.</summary>
    private RuleNode Use(GrammarRule user, string name, string where)
    {
        if (!_rules.TryGetValue(name, out GrammarRule? rule) || rule == user || rule.IsEmpty)
        {
            throw new InputException(rule == user
                ? $"{where}: {name} uses itself"
                : $"{where}: there is no rule {name} before this line");
        }

        user.Use(rule);
        return rule.MostWords <= MostWords
            ? new RuleNode(rule)
            : throw new InputException($"{rule.Where}: {name} can make {rule.MostWords:N0} words; at most {MostWords} can be used");
    }

    private static void CheckComplete(GrammarRule rule)
    {
        if (rule.IsEmpty)
        {
            throw new InputException($"{rule.Where}: {rule.Name} has no alternatives");
        }

        if (rule.MostWords > MostWords)
        {
            throw new InputException($"{rule.Where}: {rule.Name} can make {rule.MostWords:N0} words; at most {MostWords} can be used");
        }
    }
}
