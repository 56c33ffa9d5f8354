using TinyInference.Converter.Lowering;

namespace TinyInference.Converter.Emission.CSharp;

/// <summary>
/// Fully connected layers with a ReLU between them, one after the other in one method: activations between them never reach the arena. A result is added
/// to the next layer's sums as soon as it is known, and one that the ReLU made 0 is skipped with all its products. Results that nobody reads leave no code.
/// </summary>
internal sealed class PerceptronChain : GeneratedLayer
{
    /// <summary>Inputs and sums in local variables: the device counts a method's variables in a byte.</summary>
    private const int MostLocals = 200;

    private readonly BlobOperator[] _operators;

    /// <summary>Of each layer.</summary>
    private readonly FusedTriple[][] _triples;

    private PerceptronChain(BlobOperator[] operators, int index, FusedTriple[][] triples)
        : base(operators[0], index)
    {
        _operators = operators;
        _triples = triples;
        LeastIlBytes = 10L * triples.Select((layer, l) => layer.Sum(t => Enumerable.Range(0, Length(l)).Count(k => t.Constant(k) != 0))).Sum();
    }

    public override IReadOnlyList<BlobOperator> Operators => _operators;

    public override int Executions => 1;

    public override long LeastIlBytes { get; }

    /// <summary>All chains of a program. The operators' weights must still be dense.</summary>
    public static IEnumerable<PerceptronChain> FindAll(BlobProgram program)
    {
        for (int first = 0; first < program.Operators.Count; first++)
        {
            int count = 1;
            while (first + count < program.Operators.Count && Continues(program, first + count))
            {
                count++;
            }

            if (count > 1 && TryCreate([.. program.Operators.GetRange(first, count)], first) is { } chain)
            {
                yield return chain;
                first += count - 1;
            }
        }
    }

    public override IReadOnlyList<MethodText> WriteMethods(int mostIlBytes)
    {
        var body = new MethodText("");
        for (int layer = 0; layer < _triples.Length; layer++)
        {
            body.Line($"        // {MethodText.Comment(_operators[layer].ToString())}");
            foreach (FusedTriple triple in _triples[layer])
            {
                WriteTriple(body, layer, triple);
            }
        }

        var text = new MethodText($"Layer{Index}To{Index + _operators.Length - 1}");
        text.Line($"    /// <summary>{System.Security.SecurityElement.Escape($"{Title}, and on to '{MethodText.Comment(_operators[^1].Name)}': {_operators[^1].Output.Shape}")}.</summary>");
        text.Line($"    public static void {text.Name}(sbyte[] x, int at, sbyte[] y, int to)");
        text.Line("    {");
        foreach (int k in Enumerable.Range(0, Length(0)).Where(k => _triples[0].Any(t => t.Constant(k) != 0)))
        {
            text.Line($"        long x{k} = x[{MethodText.Plus("at", k)}];", 12);
        }

        text.Line("        long s;");
        string statements = body.ToString();
        foreach ((string type, string name) in new[] { ("long", "u"), ("long", "v"), ("long", "h") })
        {
            if (statements.Contains($"{name} = ", StringComparison.Ordinal))
            {
                text.Line($"        {type} {name};");
            }
        }

        for (int layer = 1; layer < _triples.Length; layer++)
        {
            foreach (FusedTriple triple in _triples[layer].Where(t => Used(layer, t).Length > 0))
            {
                text.Line($"        long {Sum(layer, triple)} = {triple.Start}L;", 12);
            }
        }

        text.Line(statements.TrimEnd('\n'), body.IlBytes);
        text.Line("    }", MethodText.OverheadBytes);
        return [text];
    }

    public override void WriteDriver(MethodText text, int x, int y, IReadOnlyList<string> calls)
    {
        text.Line($"    // {Title}, and on to '{MethodText.Comment(_operators[^1].Name)}'");
        text.Line($"    private void Layer{Index}() => {calls[0]}(_arena, {x}, _arena, {y});", 30 + MethodText.OverheadBytes);
        text.Line("");
    }

    private static string Sum(int layer, FusedTriple triple) => $"s{layer}_{triple.First / 3}";

    private int Length(int layer) => _operators[layer].Parameters[0];

    private void WriteTriple(MethodText text, int layer, FusedTriple triple)
    {
        int[] used = Used(layer, triple);
        if (used.Length == 0)
        {
            return;
        }

        if (layer == 0)
        {
            triple.WriteSum(text);
        }
        else
        {
            text.Line($"        s = {Sum(layer, triple)};", 4);
        }

        foreach (int i in used)
        {
            if (layer + 1 == _triples.Length)
            {
                triple.WriteStore(text, i);
            }
            else
            {
                triple.WriteUse(text, i, () => WriteProducts(text, layer + 1, triple.First + i));
            }
        }
    }

    /// <summary>The channels of a triple that somebody reads.</summary>
    private int[] Used(int layer, FusedTriple triple) =>
        [.. Enumerable.Range(0, triple.Count).Where(i => layer + 1 == _triples.Length || (triple.IsEverAboveLeast(i) && _triples[layer + 1].Any(t => t.Constant(triple.First + i) != 0)))];

    /// <summary>Adds what "v", input <paramref name="k"/> of a layer, contributes to its sums.</summary>
    private void WriteProducts(MethodText text, int layer, int k)
    {
        foreach (FusedTriple triple in _triples[layer].Where(t => Used(layer, t).Length > 0))
        {
            if (triple.Constant(k) is not 0 and long constant)
            {
                text.Line($"            {Sum(layer, triple)} += v * {StoreText.Literal(constant)};", 8 + MethodText.ConstantBytes(constant));
            }
        }
    }

    /// <summary>An operator continues the one before it: both fully connected, of one row, and nobody else reads what lies between.</summary>
    private static bool Continues(BlobProgram program, int index)
    {
        BlobOperator before = program.Operators[index - 1];
        BlobOperator op = program.Operators[index];
        return IsOneRow(before) && IsOneRow(op) && before.Output == op.Inputs[0]
            && before.Parameters[2] >= before.Parameters[1]
            && !program.Outputs.Contains(before.Output)
            && program.Operators.Count(o => o.Inputs.Contains(before.Output)) == 1;
    }

    private static bool IsOneRow(BlobOperator op) => op.Kind == OperatorKind.FullyConnected && op.Inputs[0].Shape.ElementCount == op.Parameters[0];

    private static PerceptronChain? TryCreate(BlobOperator[] operators, int index)
    {
        if (operators[0].Parameters[0] + operators.Skip(1).Sum(o => (o.Biases.Length + 2) / 3) > MostLocals)
        {
            return null;
        }

        var triples = new FusedTriple[operators.Length][];
        bool[]? used = null;
        for (int layer = operators.Length - 1; layer >= 0; layer--)
        {
            BlobOperator op = operators[layer];
            sbyte[] weights = [.. op.Weights.Select((w, i) => used is null || used[i / op.Parameters[0]] ? w : (sbyte)0)];
            InputRange inputs = layer == 0 ? InputRange.Int8 : new InputRange(0, operators[layer - 1].Parameters[3] - operators[layer - 1].Parameters[2], operators[layer - 1].Parameters[2]);
            triples[layer] = new FusedTriple[(op.Biases.Length + 2) / 3];
            for (int t = 0; t < triples[layer].Length; t++)
            {
                if (FusedTriple.TryCreate(op, weights, t, inputs) is not { } triple || (used is not null && !triple.RoundsOnce))
                {
                    return null;
                }

                triples[layer][t] = triple;
            }

            used = [.. Enumerable.Range(0, op.Parameters[0]).Select(k => triples[layer].Any(t => t.Constant(k) != 0))];
        }

        return new PerceptronChain(operators, index, triples);
    }
}
