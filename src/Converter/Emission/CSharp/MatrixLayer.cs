using TinyInference.Converter.Lowering;

namespace TinyInference.Converter.Emission.CSharp;

/// <summary>FULLY_CONNECTED and CONV_2D: at each position, a vector of inputs times the weights [O, K].</summary>
internal sealed class MatrixLayer : GeneratedLayer
{
    private readonly sbyte[] _weights;
    private readonly int[] _parameters;
    private readonly int _length;
    private readonly bool _isConvolution;
    private readonly PackedTriple[] _triples;
    private readonly int[] _chunks;

    private MatrixLayer(BlobOperator op, int index, sbyte[] weights, int length, PackedTriple[] triples, int[] chunks)
        : base(op, index)
    {
        _weights = weights;
        _parameters = op.Parameters;
        _length = length;
        _isConvolution = op.Kind == OperatorKind.Conv2D;
        _triples = triples;
        _chunks = chunks;
        Executions = op.Output.Shape.ElementCount / op.Biases.Length;
        LeastIlBytes = triples.Sum(t => t.Terms) * 10L;
    }

    public override int Executions { get; }

    public override long LeastIlBytes { get; }

    public override int PatchBytes => _isConvolution && !ReadsInPlace ? _length : 0;

    public override int Sums => _triples.Any(t => t.HandsOverPacked) ? _triples.Length : 0;

    public override int WideSums => _triples.Any(t => t.IsWide) ? 3 * _triples.Length : 0;

    /// <summary>Every window is one run of the input: docs/SPEC.md, patchOffset.</summary>
    private bool ReadsInPlace
    {
        get
        {
            int[] p = _parameters;
            int[] x = [.. Operator.Inputs[0].Shape];
            int[] y = [.. Operator.Output.Shape];
            bool oneRun = (p[1] == 1 || p[5] == 1) && (p[0] == 1 || (p[4] == 1 && p[1] == x[2]));
            return oneRun && p[6] == 0 && p[7] == 0
                && ((y[1] - 1) * p[2]) + ((p[0] - 1) * p[4]) < x[1]
                && ((y[2] - 1) * p[3]) + ((p[1] - 1) * p[5]) < x[2];
        }
    }

    /// <summary>The layer; null where this cannot serve it. The operator's weights must still be dense.</summary>
    public static MatrixLayer? TryCreate(BlobOperator op, int index)
    {
        int[] p = op.Parameters;
        bool isConvolution = op.Kind == OperatorKind.Conv2D;
        if (isConvolution && (op.Inputs[0].Shape[0] != 1 || p[12] != 1 || p[5] != 1))
        {
            return null;
        }

        int outputs = op.Biases.Length;
        int length = op.Weights.Length / outputs;
        int[] clamp = isConvolution ? p[9..12] : p[1..4];
        int[] chunks = PackedTriple.Chunks(length);
        var triples = new PackedTriple[(outputs + 2) / 3];
        for (int t = 0; t < triples.Length; t++)
        {
            if (PackedTriple.TryCreate(op, op.Weights, length, t, clamp, chunks) is not { } triple)
            {
                return null;
            }

            triples[t] = triple;
        }

        return new MatrixLayer(op, index, op.Weights, length, triples, chunks);
    }

    public override IReadOnlyList<MethodText> WriteMethods(int mostIlBytes)
    {
        var methods = new List<MethodText>();
        for (int chunk = 0; chunk + 1 < _chunks.Length; chunk++)
        {
            int t = 0;
            while (t < _triples.Length)
            {
                t = WriteMethod(methods, chunk, t, mostIlBytes);
            }
        }

        return methods;
    }

    /// <summary>Writes the triples from <paramref name="first"/> on that fit one method; returns the next triple.</summary>
    private int WriteMethod(List<MethodText> methods, int chunk, int first, int mostIlBytes)
    {
        int end = first;
        var body = new MethodText("");
        while (end < _triples.Length)
        {
            var triple = new MethodText("");
            _triples[end].Write(triple, chunk);
            if (end > first && body.IlBytes + triple.IlBytes + (12 * (_chunks[chunk + 1] - _chunks[chunk])) > mostIlBytes)
            {
                break;
            }

            body.Line(triple.ToString().TrimEnd('\n'), triple.IlBytes);
            end++;
        }

        var text = new MethodText($"Layer{Index}Part{methods.Count}");
        text.Line($"    /// <summary>{Escape(Title)}: channels {3 * first} to {Math.Min(3 * end, Operator.Biases.Length) - 1}, inputs {_chunks[chunk]} to {_chunks[chunk + 1] - 1}.</summary>");
        text.Line($"    public static void {text.Name}(sbyte[] x, int at, sbyte[] y, int to{(Sums > 0 ? ", long[] sums" : "")}{(WideSums > 0 ? ", int[] wide" : "")})");
        text.Line("    {");
        for (int k = _chunks[chunk]; k < _chunks[chunk + 1]; k++)
        {
            if (IsUsed(k, first, end))
            {
                text.Line($"        long x{k} = x[{MethodText.Plus("at", k)}];", 12);
            }
        }

        string statements = body.ToString();
        foreach ((string type, string name) in new[] { ("long", "s"), ("long", "u"), ("int", "v"), ("long", "h") })
        {
            if (statements.Contains($"{name} = ", StringComparison.Ordinal))
            {
                text.Line($"        {type} {name};");
            }
        }

        text.Line(statements.TrimEnd('\n'), body.IlBytes);
        text.Line("    }", MethodText.OverheadBytes);
        methods.Add(text);
        return end;
    }

    private bool IsUsed(int k, int firstTriple, int endTriple)
    {
        for (int o = 3 * firstTriple; o < Math.Min(3 * endTriple, Operator.Biases.Length); o++)
        {
            if (_weights[(o * _length) + k] != 0)
            {
                return true;
            }
        }

        return false;
    }

    private static string Escape(string text) => System.Security.SecurityElement.Escape(text);

    public override void WriteDriver(MethodText text, int x, int y, IReadOnlyList<string> calls)
    {
        text.Line($"    // {Title}");
        text.Line($"    private void Layer{Index}()");
        text.Line("    {");
        text.Line("        sbyte[] arena = _arena;", 7);
        if (!_isConvolution || (PatchBytes == 0 && _parameters is [1, 1, 1, 1, ..]))
        {
            text.Line($"        for (int x = {x}, y = {y}; x < {x + Operator.Inputs[0].Shape.ElementCount}; x += {_length}, y += {Operator.Biases.Length})", 35);
            text.Line("        {");
            WriteCalls(text, calls, "arena, x", "            ");
            text.Line("        }");
        }
        else
        {
            WriteWindows(text, x, y, calls);
        }

        text.Line("    }", MethodText.OverheadBytes);
        text.Line("");
        if (PatchBytes > 0)
        {
            WriteGather(text, x);
        }
    }

    private void WriteCalls(MethodText text, IReadOnlyList<string> calls, string source, string indent)
    {
        string rest = (Sums > 0 ? ", _sums" : "") + (WideSums > 0 ? ", _wide" : "");
        foreach (string call in calls)
        {
            text.Line($"{indent}{call}({source}, arena, y{rest});", 26);
        }
    }

    private void WriteWindows(MethodText text, int x, int y, IReadOnlyList<string> calls)
    {
        int[] p = _parameters;
        Graphs.Shape input = Operator.Inputs[0].Shape;
        Graphs.Shape output = Operator.Output.Shape;
        text.Line($"        int y = {y};", 6);
        text.Line($"        for (int row = {-p[6]}; row < {(output[1] * p[2]) - p[6]}; row += {p[2]})", 25);
        text.Line("        {");
        text.Line($"            for (int column = {-p[7]}; column < {(output[2] * p[3]) - p[7]}; column += {p[3]})", 25);
        text.Line("            {");
        if (PatchBytes > 0)
        {
            text.Line($"                Gather{Index}(row, column);", 15);
            WriteCalls(text, calls, "_patch, 0", "                ");
        }
        else
        {
            text.Line($"                int x = {x} + (((row * {input[2]}) + column) * {input[3]});", 20);
            WriteCalls(text, calls, "arena, x", "                ");
        }

        text.Line($"                y += {output[3]};", 6);
        text.Line("            }");
        text.Line("        }");
    }

    private void WriteGather(MethodText text, int x)
    {
        int[] p = _parameters;
        (int height, int width, int channels) = (Operator.Inputs[0].Shape[1], Operator.Inputs[0].Shape[2], Operator.Inputs[0].Shape[3]);
        int run = p[1] * channels;
        text.Line($"    // Copies the window of {p[0]} x {p[1]} at (row, column); {p[8]} stands for what is outside of {height} x {width}.");
        text.Line($"    private void Gather{Index}(int row, int column)");
        text.Line("    {");
        text.Line("        sbyte[] arena = _arena;");
        text.Line("        sbyte[] patch = _patch;");
        text.Line("        int before = column < 0 ? -column : 0;");
        text.Line($"        int end = column > {width - p[1]} ? {width} - column : {p[1]};");
        text.Line($"        if (row < 0 || row > {height - ((p[0] - 1) * p[4]) - 1} || end - before < {p[1]})");
        text.Line("        {");
        text.Line($"            for (int i = 0; i < {_length}; i++)");
        text.Line("            {");
        text.Line($"                patch[i] = {p[8]};");
        text.Line("            }");
        text.Line("        }");
        text.Line("");
        text.Line("        if (end > before)");
        text.Line("        {");
        text.Line($"            int from = {x} + (((row * {width}) + column + before) * {channels});");
        text.Line($"            int to = before * {channels};");
        text.Line($"            int count = (end - before) * {channels};");
        text.Line($"            int last = row + {p[0] * p[4]};");
        text.Line($"            for (; row < last; row += {p[4]}, from += {p[4] * width * channels}, to += {run})");
        text.Line("            {");
        text.Line($"                if (row >= 0 && row < {height})");
        text.Line("                {");
        text.Line("                    Array.Copy(arena, from, patch, to, count);");
        text.Line("                }");
        text.Line("            }");
        text.Line("        }");
        text.Line("    }");
        text.Line("", 160);
    }
}
