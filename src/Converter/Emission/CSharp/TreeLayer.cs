using TinyInference.Converter.Lowering;

namespace TinyInference.Converter.Emission.CSharp;

/// <summary>
/// TREE_ENSEMBLE as nested ifs: a method for each tree, which returns what the leaf holds. A tree that is too long for one method goes on in others: it
/// then returns the number of the method that goes on.
/// </summary>
internal sealed class TreeLayer : GeneratedLayer
{
    /// <summary>Above all that leaves hold.</summary>
    private const int Continue = 1 << 24;

    private const int LeafBytes = 6;

    private readonly int[] _thresholds;
    private readonly int[] _nodes;
    private readonly int _featureBits;
    private readonly int _nodeBits;
    private readonly int _rows;
    private readonly List<MethodText> _methods = [];

    /// <summary>For each tree the methods that it may go on in.</summary>
    private readonly List<(int First, int Count)> _parts = [];

    private TreeLayer(BlobOperator op, int index)
        : base(op, index)
    {
        int[] p = op.Parameters;
        int start = Outputs + p[0];
        _thresholds = op.Biases[start..(start + p[1])];
        _nodes = op.Biases[(start + p[1])..];
        _featureBits = p[2];
        _nodeBits = p[2] + p[3];
        _rows = p[4];
    }

    public override int Executions => 1;

    public override long LeastIlBytes => _nodes.Length * (long)LeafBytes;

    public override int WideSums => Outputs;

    private int Outputs => Operator.Output.Shape.ElementCount;

    private TensorType Type => Operator.Inputs[0].Type;

    /// <summary>Bytes of IL of one question, rather too many.</summary>
    private int QuestionBytes => Type switch
    {
        TensorType.Int8 => 20,
        TensorType.Int16 => 38,
        _ => 80,
    };

    public static TreeLayer? TryCreate(BlobOperator op, int index) => op.Kind == OperatorKind.TreeEnsemble ? new TreeLayer(op, index) : null;

    public override IReadOnlyList<MethodText> WriteMethods(int mostIlBytes)
    {
        _methods.Clear();
        _parts.Clear();
        for (int tree = 0; tree < Operator.Parameters[0]; tree++)
        {
            int first = _methods.Count;
            var open = new Queue<int>([Operator.Biases[Outputs + tree] & ((1 << Trees.RootBits) - 1)]);
            while (open.TryDequeue(out int root))
            {
                string part = _methods.Count == first ? "" : $"Part{_methods.Count - first}";
                var text = new MethodText($"Layer{Index}Tree{tree}{part}");
                text.Line($"    /// <summary>{System.Security.SecurityElement.Escape(Title)}: tree {tree}.</summary>");
                text.Line($"    public static int {text.Name}(sbyte[] a, int x)");
                text.Line("    {");
                if (Type == TensorType.Float32 && _nodes[root] >> _nodeBits != 0)
                {
                    text.Line("        int v;");
                }

                Write(text, root, 2, mostIlBytes - MethodText.OverheadBytes, open, _methods.Count - first + 1);
                text.Line("    }", MethodText.OverheadBytes);
                _methods.Add(text);
            }

            _parts.Add((first, _methods.Count - first));
        }

        return _methods;
    }

    public override void WriteDriver(MethodText text, int x, int y, IReadOnlyList<string> calls)
    {
        if (_rows > 0)
        {
            WriteRows(text);
        }

        text.Line($"    // {Title}");
        text.Line($"    private void Layer{Index}()");
        text.Line("    {");
        text.Line("        sbyte[] a = _arena;", 7);
        text.Line("        int[] sums = _wide;", 7);
        text.Line("        int r;");
        for (int i = 0; i < Outputs; i++)
        {
            text.Line($"        sums[{i}] = {Operator.Biases[i]};", 14);
        }

        for (int tree = 0; tree < _parts.Count; tree++)
        {
            WriteTree(text, tree, x, calls);
        }

        for (int i = 0; i < Outputs; i++)
        {
            text.Line($"        r = sums[{i}];", 8);
            for (int b = 0; b < 4; b++)
            {
                text.Line($"        a[{y + (4 * i) + b}] = (sbyte){(b == 0 ? "r" : $"(r >> {8 * b})")};", 13);
            }
        }

        text.Line("    }", MethodText.OverheadBytes);
        text.Line("");
    }

    private void WriteTree(MethodText text, int tree, int x, IReadOnlyList<string> calls)
    {
        (int first, int count) = _parts[tree];
        text.Line($"        r = {calls[first]}(a, {x});", 12);
        if (count > 1)
        {
            text.Line($"        while (r >= {Continue})", 9);
            text.Line("        {");
            text.Line("            switch (r)", 12 + (4 * count));
            text.Line("            {");
            for (int part = 1; part < count; part++)
            {
                text.Line($"                case {Continue + part}:");
                text.Line($"                    r = {calls[first + part]}(a, {x});", 12);
                text.Line("                    break;", 5);
            }

            text.Line("            }");
            text.Line("        }");
        }

        if (_rows == 0)
        {
            text.Line($"        sums[{(int)((uint)Operator.Biases[Outputs + tree] >> Trees.RootBits)}] += r;", 18);
            return;
        }

        text.Line($"        r *= {Outputs};", 8);
        for (int i = 0; i < Outputs; i++)
        {
            text.Line($"        sums[{i}] += s_layer{Index}Rows[{MethodText.Plus("r", i)}];", 26);
        }
    }

    private void WriteRows(MethodText text)
    {
        text.Line($"    // What the leaves of layer {Index} give: a row of {Outputs} for each.");
        text.Line($"    private static readonly short[] s_layer{Index}Rows = new short[]", 20);
        text.Line("    {");
        sbyte[] weights = Operator.Weights;
        foreach (int[] row in Enumerable.Range(0, weights.Length / 2).Chunk(Outputs))
        {
            text.Line($"        {string.Join(", ", row.Select(i => (byte)weights[2 * i] | (weights[(2 * i) + 1] << 8)))},");
        }

        text.Line("    };");
        text.Line("");
    }

    /// <param name="room">IL that the method may still take, this part of the tree included.</param>
    /// <param name="open">Roots of the parts that go into methods of their own.</param>
    /// <param name="next">The number of the next of these.</param>
    private void Write(MethodText text, int at, int depth, int room, Queue<int> open, int next)
    {
        int node = _nodes[at];
        int distance = (int)((uint)node >> _nodeBits);
        string indent = new(' ', Math.Min(depth, 12) * 4);
        if (distance == 0)
        {
            int value = _rows > 0 ? node : node << (32 - _nodeBits) >> (32 - _nodeBits);
            text.Line($"{indent}return {value};", LeafBytes);
            return;
        }

        // Every open part above still needs its return.
        if (text.IlBytes + QuestionBytes + (2 * LeafBytes) > room - (depth * LeafBytes))
        {
            text.Line($"{indent}return {Continue + next + open.Count};", LeafBytes);
            open.Enqueue(at);
            return;
        }

        WriteQuestion(text, node, indent);
        text.Line($"{indent}{{");
        Write(text, at + 1, depth + 1, room, open, next);
        text.Line($"{indent}}}");
        text.Line("");
        Write(text, at + distance, depth, room, open, next);
    }

    private void WriteQuestion(MethodText text, int node, string indent)
    {
        int feature = node & ((1 << _featureBits) - 1);
        int field = (int)((uint)(node << (32 - _nodeBits)) >> (32 - _nodeBits + _featureBits));
        string Byte(int i) => $"a[{MethodText.Plus("x", (Type == TensorType.Int16 ? 2 : 4) * feature + i)}]";
        switch (Type)
        {
            case TensorType.Int8:
                text.Line($"{indent}if (a[{MethodText.Plus("x", feature)}] <= {node << (32 - _nodeBits) >> (32 - _nodeBits + _featureBits)})", QuestionBytes);
                break;
            case TensorType.Int16:
                text.Line($"{indent}if ((({Byte(0)} & 255) | ({Byte(1)} << 8)) <= {_thresholds[field]})", QuestionBytes);
                break;
            default:
                text.Line($"{indent}v = ({Byte(0)} & 255) | (({Byte(1)} & 255) << 8) | (({Byte(2)} & 255) << 16) | ({Byte(3)} << 24);");

                // Above 0 the bits themselves are in the order of the numbers, and those of negative numbers are below.
                text.Line($"{indent}if ({(_thresholds[field] >= 0 ? "v" : "(v ^ ((v >> 31) & int.MaxValue))")} <= {_thresholds[field]})", QuestionBytes);
                break;
        }
    }
}
