namespace TinyInference.Converter.Commands.Grammars;

/// <summary>A name for alternatives, or the alternatives of an intent.</summary>
/// <param name="where">File and line, for messages.</param>
/// <param name="isIntent">Its alternatives are chosen as <see cref="ChoiceNode"/> says of variety, whatever lines they stand on.</param>
internal sealed class GrammarRule(string name, string where, bool isIntent = false)
{
    private readonly List<GrammarNode> _options = [];
    private ChoiceNode? _body;
    private long _mostWords = -1;
    private long _leastWords = -1;
    private double _count = -1;
    private bool? _hasSlots;

    public string Name { get; } = name;

    public string Where { get; } = where;

    public bool IsEmpty => _options.Count == 0;

    /// <summary>Rules inside rules, this one among them.</summary>
    public int Depth { get; private set; } = 1;

    /// <summary>All its alternatives; to be asked for when it is complete.</summary>
    public ChoiceNode Body => _body ??= new ChoiceNode(_options, isIntent);

    public long MostWords => _mostWords < 0 ? _mostWords = Body.MostWords : _mostWords;

    public long LeastWords => _leastWords < 0 ? _leastWords = Body.LeastWords : _leastWords;

    public double Count => _count < 0 ? _count = Body.Count : _count;

    public bool HasSlots => _hasSlots ??= Body.HasSlots;

    public void Add(GrammarNode option) => _options.AddRange(isIntent && option is ChoiceNode choice ? choice.Options : [option]);

    public void Use(GrammarRule rule) => Depth = Math.Max(Depth, rule.Depth + 1);
}
