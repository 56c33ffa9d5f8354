using TinyInference.Converter.Lowering;

namespace TinyInference.Converter.Emission.CSharp;

/// <summary>
/// LAYER_NORM of rows that fit local variables: a method for one row, with the factor and the offset of each column as constants. The steps are those of the
/// runtime's kernel, docs/ARITHMETIC.md.
/// </summary>
internal sealed class LayerNormLayer : GeneratedLayer
{
    private const int MostDepth = 100;

    /// <summary>IL of an element: reading, sums, result.</summary>
    private const int BytesPerElement = 76;
    private const int OtherBytes = 300;

    /// <summary>Bits before the point of a normalised element.</summary>
    private const int FewestIntegerBits = 4;

    private LayerNormLayer(BlobOperator op, int index)
        : base(op, index)
    {
    }

    public override int Executions => Operator.Parameters[0];

    public override long LeastIlBytes => OtherBytes + (BytesPerElement * Depth);

    private int Depth => Operator.Parameters[1];

    /// <summary>The layer; null where its rows are too long.</summary>
    public static LayerNormLayer? TryCreate(BlobOperator op, int index) => op.Parameters[1] is > 1 and <= MostDepth ? new LayerNormLayer(op, index) : null;

    public override IReadOnlyList<MethodText> WriteMethods(int mostIlBytes)
    {
        int[] p = Operator.Parameters;
        var text = new MethodText($"Layer{Index}Row");
        text.Line($"    /// <summary>{System.Security.SecurityElement.Escape(Title)}: one row.</summary>");
        text.Line($"    public static void {text.Name}(sbyte[] a, int x, int y)");
        text.Line("    {");
        string[] elements = [.. Enumerable.Range(0, Depth).Select(i => $"x{i}")];
        for (int i = 0; i < Depth; i++)
        {
            text.Line($"        int {elements[i]} = a[{MethodText.Plus("x", i)}];", 10);
        }

        text.Line($"        int sum = {string.Join(" + ", elements)};", 3 * Depth);
        text.Line($"        int squares = {string.Join(" + ", elements.Select(x => $"({x} * {x})"))};", 6 * Depth);
        WriteReciprocal(text, (long)p[2] << p[3]);
        text.Line("        int t;");
        for (int i = 0; i < Depth; i++)
        {
            text.Line($"        t = ((((({elements[i]} * scale) - mean) >> 15) * ({Operator.Biases[i]})) + ({Operator.Biases[Depth + i]})) >> {p[4]};", 32);
            text.Line($"        a[{MethodText.Plus("y", i)}] = (sbyte)(t < {p[5]} ? {p[5]} : t > {p[6]} ? {p[6]} : t);", 25);
        }

        text.Line("    }", OtherBytes);
        return [text];
    }

    public override void WriteDriver(MethodText text, int x, int y, IReadOnlyList<string> calls)
    {
        text.Line($"    // {Title}");
        text.Line($"    private void Layer{Index}()");
        text.Line("    {");
        if (Executions == 1)
        {
            text.Line($"        {calls[0]}(_arena, {x}, {y});", 22);
        }
        else
        {
            text.Line($"        for (int i = 0; i < {(long)Executions * Depth}; i += {Depth})");
            text.Line("        {");
            text.Line($"            {calls[0]}(_arena, i + {x}, i + {y});", 50);
            text.Line("        }");
        }

        text.Line("    }", MethodText.OverheadBytes);
        text.Line("");
    }

    /// <summary>From the sums of a row to what its elements are multiplied by, and what is then taken off.</summary>
    private void WriteReciprocal(MethodText text, long epsilon)
    {
        int integerBits = FewestIntegerBits;
        while (1 << (2 * integerBits) < Depth)
        {
            integerBits++;
        }

        text.Line($"        long m = (((({Depth}L * squares) - ((long)sum * sum)) << 6) + {epsilon}L);");
        text.Line($"        int right = {11 + integerBits};");
        text.Line("        if (m == 0)\n        {\n            m = 1;\n        }\n");
        text.Line($"        for (; m >= {1 << 30}; m >>= 2)\n        {{\n            right++;\n        }}\n");
        text.Line($"        for (; m < {1 << 28}; m <<= 2)\n        {{\n            right--;\n        }}\n");
        text.Line("        long r = 1433893831 - ((m * (1763812404 - ((m * 879699425) >> 30))) >> 30);");
        for (int i = 0; i < 2; i++)
        {
            text.Line("        r = (r * (1610612736 - ((((r * r) >> 29) * m) >> 30))) >> 30;");
        }

        text.Line("        long half = 1L << (right - 1);");
        text.Line($"        int scale = (int)(((r * {Depth}) + half) >> right);");
        text.Line("        int mean = (int)(((r * sum) + half) >> right) - 16384;");
    }
}
