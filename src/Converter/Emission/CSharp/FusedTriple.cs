using System.Text;
using TinyInference.Converter.Lowering;

namespace TinyInference.Converter.Emission.CSharp;

/// <summary>
/// Three output channels of a layer in a <see cref="PerceptronChain"/>, packed as those of <see cref="PackedTriple"/>, whose sum is one local variable from
/// the first input to the last.
/// </summary>
internal sealed class FusedTriple
{
    private const int LimbEnd = (1 << 21) - 1;
    private const int TermsPerLine = 4;

    private readonly sbyte[] _weights;
    private readonly int _length;
    private readonly ChannelScale[] _scales;
    private readonly long[] _offsets;

    private FusedTriple(sbyte[] weights, int length, int first, ChannelScale[] scales, long[] offsets, long start)
    {
        _weights = weights;
        _length = length;
        First = first;
        _scales = scales;
        _offsets = offsets;
        Start = start;
    }

    /// <summary>The first channel.</summary>
    public int First { get; }

    public int Count => _scales.Length;

    public bool RoundsOnce => _scales.All(s => s.RoundsOnce);

    /// <summary>What the sum begins with, so that no limb is ever negative.</summary>
    public long Start { get; }

    /// <summary>Triple <paramref name="t"/> of a fully connected layer; null where a sum does not fit its limb.</summary>
    /// <param name="op">Its biases, multipliers, shifts and clamp.</param>
    /// <param name="weights">[O, K]; the rows of channels that nobody reads are 0.</param>
    /// <param name="t">From 0.</param>
    /// <param name="inputs">What the inputs are.</param>
    public static FusedTriple? TryCreate(BlobOperator op, sbyte[] weights, int t, InputRange inputs)
    {
        int[] p = op.Parameters;
        int first = 3 * t;
        var scales = new ChannelScale[Math.Min(3, op.Biases.Length - first)];
        var offsets = new long[scales.Length];
        long start = 0;
        for (int i = 0; i < scales.Length; i++)
        {
            int single = op.Multipliers.Length == 1 ? 0 : first + i;
            long least = 0;
            long width = 0;
            long sum = 0;
            foreach (sbyte w in weights.AsSpan((first + i) * p[0], p[0]))
            {
                least += w * (w > 0 ? inputs.Least : inputs.Most);
                width += Math.Abs((int)w) * (inputs.Most - inputs.Least);
                sum += w;
            }

            offsets[i] = least + op.Biases[first + i] + (inputs.Base * sum);
            if (op.Shifts[single] > 0 || width >= LimbEnd || offsets[i] < int.MinValue || offsets[i] + width > int.MaxValue)
            {
                return null;
            }

            scales[i] = new ChannelScale(op.Multipliers[single], op.Shifts[single], p[1], p[2], p[3], offsets[i], offsets[i] + width);
            start -= least << (21 * (i + 3 - scales.Length));
        }

        return new FusedTriple(weights, p[0], first, scales, offsets, start);
    }

    /// <summary>The weights of input <paramref name="k"/> as one constant.</summary>
    public long Constant(int k) => PackedTriple.Pack(_weights, _length, First, Count, k);

    /// <summary>Channel First + <paramref name="i"/> can be other than its least value.</summary>
    public bool IsEverAboveLeast(int i) => _scales[i].Low <= _scales[i].Most;

    /// <summary>"s = ...": the sum over inputs in variables "x0", "x1" ...</summary>
    public void WriteSum(MethodText text)
    {
        var terms = new StringBuilder($"        s = {Start}L");
        int ilBytes = 11;
        int count = 0;
        for (int k = 0; k < _length; k++)
        {
            if (Constant(k) is not 0 and long constant)
            {
                terms.Append(count++ % TermsPerLine == 0 ? "\n            " : " ").Append($"+ (x{k} * {StoreText.Literal(constant)})");
                ilBytes += 4 + MethodText.ConstantBytes(constant);
            }
        }

        text.Line(terms.Append(';').ToString(), ilBytes);
    }

    /// <summary>Of the sum in "s", channel First + <paramref name="i"/> less its least value in "v", and what is done with it unless it is 0.</summary>
    public void WriteUse(MethodText text, int i, Action use) => StoreText.IfAboveLeast(text, i + 3 - Count, _offsets[i], _scales[i], use);

    /// <summary>Of the sum in "s", stores channel First + <paramref name="i"/>.</summary>
    public void WriteStore(MethodText text, int i) => StoreText.Limb(text, $"y[{MethodText.Plus("to", First + i)}]", i + 3 - Count, _offsets[i], _scales[i]);
}
