using TinyInference.Converter.Lowering;

namespace TinyInference.Converter.Emission.CSharp;

/// <summary>
/// DEPTHWISE_CONV_2D of small images: one method computes a whole channel, with the channel's weights as arguments. Three parts of the rows share
/// a 64-bit number: X = x(row) + x(row + a) * 2^21 + x(row + b) * 2^42, so that one multiplication by a weight serves three results. All X of a channel
/// are local variables.
/// </summary>
internal sealed class DepthwiseLayer : GeneratedLayer
{
    private const int MostLocals = 100;
    private const int MostWeights = 25;
    private const long Ones = 1 + (1L << 21) + (1L << 42);

    private readonly sbyte[] _weights;
    private readonly int[] _parameters;
    private readonly ChannelScale[] _scales;
    private readonly long[] _offsets;
    private readonly int _rows;
    private readonly int[] _parts;

    private DepthwiseLayer(BlobOperator op, int index, ChannelScale[] scales, long[] offsets)
        : base(op, index)
    {
        _weights = op.Weights;
        _parameters = op.Parameters;
        _scales = scales;
        _offsets = offsets;
        int height = op.Output.Shape[1];
        _rows = (height + 2) / 3;
        _parts = [0, (height - _rows) / 2, height - _rows];
    }

    public override int Executions => Operator.Output.Shape[3];

    public override long LeastIlBytes => 40L * Operator.Output.Shape[1] * Operator.Output.Shape[2];

    /// <summary>The layer; null where this cannot serve it. The operator's weights must still be dense.</summary>
    public static DepthwiseLayer? TryCreate(BlobOperator op, int index)
    {
        int[] p = op.Parameters;
        int weights = p[0] * p[1];
        int rows = ((((op.Output.Shape[1] + 2) / 3) - 1) * p[2]) + ((p[0] - 1) * p[4]) + 1;
        if (p[12] != 1 || op.Inputs[0].Shape[0] != 1 || weights > MostWeights || (long)rows * op.Inputs[0].Shape[2] > MostLocals)
        {
            return null;
        }

        int channels = op.Output.Shape[3];
        var scales = new ChannelScale[channels];
        var offsets = new long[channels];
        for (int c = 0; c < channels; c++)
        {
            int single = op.Multipliers.Length == 1 ? 0 : c;
            long least = 0;
            long most = 0;
            for (int k = 0; k < weights; k++)
            {
                int w = op.Weights[(k * channels) + c];
                least += w * (w > 0 ? sbyte.MinValue : sbyte.MaxValue);
                most += w * (w > 0 ? sbyte.MaxValue : sbyte.MinValue);
            }

            offsets[c] = least + op.Biases[c];
            if (op.Shifts[single] > 0 || offsets[c] < int.MinValue || most + op.Biases[c] > int.MaxValue)
            {
                return null;
            }

            scales[c] = new ChannelScale(op.Multipliers[single], op.Shifts[single], p[9], p[10], p[11], offsets[c], most + op.Biases[c]);
            if (!scales[c].RoundsOnce)
            {
                return null;
            }
        }

        return new DepthwiseLayer(op, index, scales, offsets);
    }

    /// <summary>A method that calls the one of a channel for some channels, each with that method beside it: they must be in one class.</summary>
    public override IReadOnlyList<MethodText> WriteMethods(int mostIlBytes)
    {
        var methods = new List<MethodText>();
        int channels = Executions;
        for (int c = 0; c < channels;)
        {
            var channel = $"Layer{Index}Channel{methods.Count}";
            var text = new MethodText($"Layer{Index}Part{methods.Count}");
            int first = c;
            var calls = new MethodText("");
            WriteChannel(text, channel);
            text.Line("");
            for (; c < channels && (c == first || text.IlBytes + calls.IlBytes + MethodText.OverheadBytes + CallBytes <= mostIlBytes); c++)
            {
                WriteCall(calls, channel, c);
            }

            text.Line($"    /// <summary>{System.Security.SecurityElement.Escape(Title)}: channels {first} to {c - 1}.</summary>");
            text.Line($"    public static void {text.Name}(sbyte[] x, int at, sbyte[] y, int to)");
            text.Line("    {");
            text.Line(calls.ToString().TrimEnd('\n'), calls.IlBytes);
            text.Line("    }", MethodText.OverheadBytes);
            methods.Add(text);
        }

        return methods;
    }

    public override void WriteDriver(MethodText text, int x, int y, IReadOnlyList<string> calls)
    {
        text.Line($"    // {Title}");
        text.Line($"    private void Layer{Index}()");
        text.Line("    {");
        foreach (string call in calls)
        {
            text.Line($"        {call}(_arena, {x}, _arena, {y});", 30);
        }

        text.Line("    }", MethodText.OverheadBytes);
        text.Line("");
    }

    private int CallBytes => 81 + (_parameters[0] * _parameters[1] * 3);

    private void WriteCall(MethodText text, string method, int c)
    {
        int channels = Executions;
        string weights = string.Concat(Enumerable.Range(0, _parameters[0] * _parameters[1]).Select(k => $"{_weights[(k * channels) + c]}, "));
        ChannelScale scale = _scales[c];
        long start = -(_offsets[c] - Operator.Biases[c]) * Ones;
        long addend = unchecked(scale.Addend + (_offsets[c] * scale.Factor));
        text.Line($"        {method}(x, {MethodText.Plus("at", c)}, y, {MethodText.Plus("to", c)}, {weights}{start}L, {scale.Factor}L, {addend}L, {scale.Shift}, {Threshold(scale.Low, c, scale.IsNeverMin)}UL, {Threshold(scale.High, c, scale.IsNeverMax)}UL);", CallBytes);
    }

    private void WriteChannel(MethodText text, string name)
    {
        int[] p = _parameters;
        string weights = string.Concat(Enumerable.Range(0, p[0] * p[1]).Select(k => $", long w{k}"));
        text.Line($"    /// <summary>{System.Security.SecurityElement.Escape(Title)}: one channel, rows from {string.Join(", ", _parts)} on at a time.</summary>");
        text.Line($"    private static void {name}(sbyte[] x, int at, sbyte[] y, int to{weights}, long start, long factor, long addend, int shift, ulong low, ulong high)");
        text.Line("    {");
        text.Line("        long s;");
        text.Line("        long u;");
        text.Line("        long lowTop = (long)(low >> 1);", 6);
        text.Line("        long highTop = (long)(high >> 1);", 6);
        (int, int)[] insides = [.. Enumerable.Range(0, Operator.Output.Shape[2]).Select(Inside)];
        var outputs = new MethodText("");
        var stored = new HashSet<int>();
        for (int row = 0; row < _rows; row++)
        {
            int[] stores = [.. Enumerable.Range(0, 3).Select(part => stored.Add(_parts[part] + row) ? _parts[part] + row : -1)];
            for (int column = 0; column < insides.Length; column++)
            {
                WriteOutputs(outputs, row, column, insides[column], stores);
            }
        }

        WriteInputs(text, outputs.ToString());
        foreach ((int first, int end) in insides.Distinct().Where(i => i != (0, p[1])))
        {
            IEnumerable<int> outside = Enumerable.Range(0, p[0] * p[1]).Where(k => k % p[1] < first || k % p[1] >= end);
            text.Line($"        long {StartName((first, end))} = start + (({string.Join(" + ", outside.Select(k => $"w{k}"))}) * {StoreText.Literal(p[8] * Ones)});", 20 + (p[0] * p[1] * 3));
        }

        text.Line(outputs.ToString().TrimEnd('\n'), outputs.IlBytes);
        text.Line("    }", MethodText.OverheadBytes);
    }

    /// <summary>A sum as a limb in the topmost bits.</summary>
    private ulong Threshold(long sum, int channel, bool isNever) =>
        !isNever ? (ulong)(sum - _offsets[channel]) << 43 : sum <= _offsets[channel] ? 0 : ulong.MaxValue;

    /// <summary>Those that the statements of the outputs read: strides and dilations may leave some out.</summary>
    private void WriteInputs(MethodText text, string outputs)
    {
        int[] p = _parameters;
        Graphs.Shape shape = Operator.Inputs[0].Shape;
        int rows = ((_rows - 1) * p[2]) + ((p[0] - 1) * p[4]) + 1;
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < shape[2]; column++)
            {
                if (!outputs.Contains($"({InputName(row, column)} *", StringComparison.Ordinal))
                {
                    continue;
                }

                string[] limbs = [.. Enumerable.Range(0, 3).Select(part => Input((_parts[part] * p[2]) + row - p[6], column))];
                text.Line($"        long {InputName(row, column)} = {limbs[0]} + ({limbs[1]} << 21) + ((long){limbs[2]} << 42);", 38);
            }
        }

        string Input(int row, int column) => row < 0 || row >= shape[1]
            ? $"({p[8]})"
            : $"x[{MethodText.Plus("at", ((row * shape[2]) + column) * shape[3])}]";
    }

    private void WriteOutputs(MethodText text, int row, int column, (int First, int End) inside, int[] stores)
    {
        int[] p = _parameters;
        Graphs.Shape shape = Operator.Output.Shape;
        var terms = new List<string>();
        for (int ky = 0; ky < p[0]; ky++)
        {
            for (int kx = inside.First; kx < inside.End; kx++)
            {
                terms.Add($"({InputName((row * p[2]) + (ky * p[4]), (column * p[3]) - p[7] + (kx * p[5]))} * w{(ky * p[1]) + kx})");
            }
        }

        text.Line($"        s = {string.Join(" + ", terms.Prepend(StartName(inside)))};", (6 * terms.Count) + 5);
        for (int part = 0; part < 3; part++)
        {
            if (stores[part] < 0)
            {
                continue;
            }

            string target = $"y[{MethodText.Plus("to", ((stores[part] * shape[2]) + column) * shape[3])}]";
            (string min, string max) = ($"(sbyte){p[10]}", $"(sbyte){p[11]}");
            text.Line(
                part == 2
                    ? $"        {target} = s < lowTop ? {min} : s >= highTop ? {max} : (sbyte)((((s >> 42) * factor) + addend) >> shift);"
                    : $"        {target} = (ulong)(u = s << {(part == 0 ? 43 : 22)}) < low ? {min} : (ulong)u >= high ? {max} : (sbyte)((((long)((ulong)u >> 43) * factor) + addend) >> shift);",
                58);
        }
    }

    /// <summary>The columns of the kernel that are inside the input for an output column.</summary>
    private (int First, int End) Inside(int column)
    {
        int[] p = _parameters;
        int width = Operator.Inputs[0].Shape[2];
        int[] inside = [.. Enumerable.Range(0, p[1]).Where(kx => (column * p[3]) - p[7] + (kx * p[5]) is int at && at >= 0 && at < width)];
        return inside.Length == 0 ? (0, 0) : (inside[0], inside[^1] + 1);
    }

    private string StartName((int First, int End) inside) => inside == (0, _parameters[1]) ? "start" : $"start{inside.First}To{inside.End}";

    private static string InputName(int row, int column) => $"x{row}_{column}";
}
