using TinyInference.Converter.Quantization;

namespace TinyInference.Converter.Lowering;

using TinyInference.Converter.Graphs;

/// <summary>LAYER_NORM. Names of its parameters: docs/SPEC.md; what they mean: docs/ARITHMETIC.md.</summary>
internal static class LayerNorms
{
    private const int MostDepth = 65535;

    /// <summary>Fraction bits of the variance.</summary>
    private const int VarianceBits = 6;

    /// <summary>A normalised element has a sign and so many bits, fewest of them before the point.</summary>
    private const int ElementBits = 15;
    private const int FewestIntegerBits = 4;

    /// <summary>Factors and offsets: so that element times factor, and the sum, stay within 32 bits.</summary>
    private const int LargestFactor = short.MaxValue;
    private const int LargestOffset = 1 << 30;
    private const int MostShift = 30;

    public static void LowerLayerNorm(LoweringContext context, Node node)
    {
        var op = (LayerNorm)node.Operator;
        BlobTensor x = context.Tensor(node.Input(0));
        BlobTensor y = context.Define(node.Output);
        int depth = x.Shape[-1];
        if (depth > MostDepth)
        {
            throw new UnsupportedException($"{depth} elements are normalized together; at most {MostDepth} are possible");
        }

        (int epsilon, int epsilonShift) = Epsilon(op.Epsilon, x.Scale, depth);
        (int[] columns, int shift) = Columns(Constants.Reals(node.Input(1)), Constants.Reals(node.Input(2)), y, depth);
        (int min, int max) = FixedPoint.Range(op.Clamp, y.Quantization!);
        context.Add(new BlobOperator(OperatorKind.LayerNorm, node.Name, [x], y)
        {
            Parameters = [x.Shape.ElementCount / depth, depth, epsilon, epsilonShift, shift, min, max],
            Biases = columns,
        });
    }

    /// <summary>Epsilon in units of 2^-6 of x's steps squared, times the square of depth: what the kernel adds it to is so too.</summary>
    private static (int Epsilon, int Shift) Epsilon(float epsilon, float scale, int depth)
    {
        double units = epsilon / ((double)scale * scale) * depth * depth * (1 << VarianceBits);
        int shift = 0;
        for (; Math.Round(units) > int.MaxValue && shift <= MostShift; shift++)
        {
            units /= 2;
        }

        return units is >= 0 and <= int.MaxValue
            ? ((int)Math.Round(units), shift)
            : throw new UnsupportedException($"its epsilon {epsilon} does not fit beside the scale {scale} of its input");
    }

    /// <summary>
    /// With t the normalised element in 2^(15 - h), y = (t * factor + offset) / 2^shift rounded down: the offset holds the half and y's zero point. The
    /// shift is the largest with which all fit, so that 15 bits say the largest factor.
    /// </summary>
    private static (int[] Columns, int Shift) Columns(float[] scale, float[] bias, BlobTensor y, int depth)
    {
        int integerBits = FewestIntegerBits;
        while (1L << (2 * integerBits) < depth)
        {
            integerBits++;
        }

        double[] factors = Array.ConvertAll(scale, s => Math.ScaleB((double)s / y.Scale, integerBits - ElementBits));
        double[] offsets = Array.ConvertAll(bias, b => ((double)b / y.Scale) + y.ZeroPoint + 0.5);
        for (int shift = MostShift; shift >= 0; shift--)
        {
            double[] all = [.. factors.Concat(offsets).Select(v => Math.Round(Math.ScaleB(v, shift)))];
            if (all.Take(depth).All(f => Math.Abs(f) <= LargestFactor) && all.Skip(depth).All(o => Math.Abs(o) < LargestOffset))
            {
                return (Array.ConvertAll(all, v => (int)v), shift);
            }
        }

        throw new UnsupportedException($"its scale or bias is too large beside the scale {y.Scale} of its output, or not a number");
    }
}
