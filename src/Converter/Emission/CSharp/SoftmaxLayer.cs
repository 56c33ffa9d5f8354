using TinyInference.Converter.Lowering;
using TinyInference.Converter.Quantization;

namespace TinyInference.Converter.Emission.CSharp;

/// <summary>
/// SOFTMAX of one row with few classes: the powers of e of all 256 differences are a table, and everything else is straight-line code. The steps are those of the
/// runtime's kernel, docs/ARITHMETIC.md.
/// </summary>
internal sealed class SoftmaxLayer : GeneratedLayer
{
    private const int MostClasses = 32;
    private const int Differences = 256;
    private const int PowersPerLine = 8;

    /// <summary>Integer bits of a difference, as <see cref="BlobOperator"/> has its factor.</summary>
    private const int IntegerBits = 5;

    /// <summary>IL of a class, and of the reciprocal.</summary>
    private const int BytesPerClass = 120;
    private const int OtherBytes = 300;

    private SoftmaxLayer(BlobOperator op, int index)
        : base(op, index)
    {
    }

    public override int Executions => 1;

    public override long LeastIlBytes => OtherBytes + (BytesPerClass * Classes);

    private int Classes => Operator.Parameters[1];

    public static SoftmaxLayer? TryCreate(BlobOperator op, int index) =>
        op.Parameters[0] == 1 && op.Parameters[1] is > 1 and <= MostClasses ? new SoftmaxLayer(op, index) : null;

    /// <summary>None: all is in the method of the network's own class.</summary>
    public override IReadOnlyList<MethodText> WriteMethods(int mostIlBytes) => [];

    public override void WriteDriver(MethodText text, int x, int y, IReadOnlyList<string> calls)
    {
        WritePowers(text);
        text.Line($"    // {Title}");
        text.Line($"    private void Layer{Index}()");
        text.Line("    {");
        text.Line("        sbyte[] a = _arena;");
        text.Line($"        int[] powers = s_layer{Index}Powers;");
        for (int i = 0; i < Classes; i++)
        {
            text.Line($"        int x{i} = a[{x + i}];");
        }

        text.Line("        int max = x0;");
        for (int i = 1; i < Classes; i++)
        {
            text.Line($"        if (x{i} > max)\n        {{\n            max = x{i};\n        }}\n");
        }

        for (int i = 0; i < Classes; i++)
        {
            text.Line($"        long e{i} = powers[max - x{i}];");
        }

        // A term in Q12.19 is at most 1, and the largest one is 1.
        text.Line($"        int sum = (int)({string.Join(" + ", Enumerable.Range(0, Classes).Select(i => $"((e{i} + 2048L) >> 12)"))});");
        WriteReciprocal(text);
        text.Line("        int result;");
        for (int i = 0; i < Classes; i++)
        {
            text.Line($"        result = (int)(((((r * e{i}) + {1L << 30}L) >> 31) + round) >> right) - 128;");
            text.Line($"        a[{y + i}] = (sbyte)(result < 127 ? result : 127);");
        }

        text.Line("    }", (int)LeastIlBytes + MethodText.OverheadBytes);
        text.Line("");
    }

    /// <summary>1 / (1 + a) for sum = 2^(12 - zeros) (1 + a), from d = (1 + a) / 2: Newton and Raphson, three steps.</summary>
    private void WriteReciprocal(MethodText text)
    {
        text.Line("        int zeros = 12;");
        for (int bits = 1; 1 << (bits - 1) < Classes; bits++)
        {
            text.Line($"        if (sum >= {1 << (19 + bits)})\n        {{\n            zeros = {12 - bits};\n        }}\n");
        }

        text.Line("        long d = (long)sum << (zeros - 1);");
        text.Line("        long r = 1515870810L + (((d * (-1010580540L)) + 1073741824L) >> 31);");
        for (int i = 0; i < 3; i++)
        {
            text.Line("        r += (((r * (536870912L - (((d * r) + 1073741824L) >> 31))) + 1073741824L) >> 31) << 2;");
        }

        text.Line("        r <<= 1;");
        text.Line("        if (r > 2147483647L)\n        {\n            r = 2147483647L;\n        }\n");
        text.Line("        int right = 35 - zeros;");
        text.Line("        long round = 1L << (right - 1);");
    }

    /// <summary>e^-i for each difference i to the largest element, Q0.31; 0 where the kernel leaves it out.</summary>
    private void WritePowers(MethodText text)
    {
        int[] p = Operator.Parameters;
        text.Line($"    // What layer {Index} takes e to the power of differences for.");
        text.Line($"    private static readonly int[] s_layer{Index}Powers = new int[]", 20);
        text.Line("    {");
        foreach (int[] line in Enumerable.Range(0, Differences).Select(i => Power(-i, p[2], p[3], p[4])).Chunk(PowersPerLine))
        {
            text.Line($"        {string.Join(", ", line)},");
        }

        text.Line("    };");
        text.Line("");
    }

    private static int Power(int difference, int multiplier, int leftShift, int least) =>
        difference < least ? 0 : FixedPointFunctions.ExpOfNegative((int)((((long)(difference << leftShift) * multiplier) + (1L << 30)) >> 31), IntegerBits);
}
