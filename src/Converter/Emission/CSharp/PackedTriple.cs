using System.Text;
using TinyInference.Converter.Lowering;

namespace TinyInference.Converter.Emission.CSharp;

/// <summary>
/// Three output channels whose weights share constants: W = w0 + w1 * 2^21 + w2 * 2^42. So that no limb is negative, a sum begins at minus the
/// least that its terms can give; what that adds is taken off again where the sum is requantized. A sum holds as many terms as keep every limb
/// below 2^21 for the weights at hand (a segment); then it moves to 32-bit integers.
/// </summary>
internal sealed class PackedTriple
{
    /// <summary>Inputs that one method holds in local variables: 64 * 128 * 255 is below 2^21, so that they always fit one segment.</summary>
    private const int MostInputs = 64;

    /// <summary>So that the end of a limb's range, one more than its most, still has 21 bits.</summary>
    private const long LimbEnd = (1 << 21) - 1;
    private const int LeastX = sbyte.MinValue;
    private const int MostX = sbyte.MaxValue;
    private const int TermsPerLine = 4;

    private readonly sbyte[] _weights;
    private readonly int _length;
    private readonly int _first;
    private readonly int _count;
    private readonly int[] _chunks;
    private readonly ChannelScale[] _scales;
    private readonly long[] _offsets;

    /// <summary>For each chunk, whether a segment ends behind it.</summary>
    private readonly bool[] _ends;

    private PackedTriple(sbyte[] weights, int length, int first, int count, int[] chunks, ChannelScale[] scales, long[] offsets, bool[] ends)
    {
        _weights = weights;
        _length = length;
        _first = first;
        _count = count;
        _chunks = chunks;
        _scales = scales;
        _offsets = offsets;
        _ends = ends;
        Terms = Enumerable.Range(0, length).Count(k => Pack(k) != 0);
    }

    /// <summary>Constants other than 0.</summary>
    public int Terms { get; }

    /// <summary>There is more than one segment.</summary>
    public bool IsWide => _ends.Count(e => e) > 1;

    /// <summary>A segment goes over the end of a method.</summary>
    public bool HandsOverPacked => _ends.Contains(false);

    /// <summary>Where chunks of inputs of about one size begin, and the end.</summary>
    public static int[] Chunks(int length)
    {
        int count = (length + MostInputs - 1) / MostInputs;
        return [.. Enumerable.Range(0, count + 1).Select(i => (int)((long)i * length / count))];
    }

    /// <summary>Triple <paramref name="t"/> of an operator; null where its arithmetic is not this one's.</summary>
    /// <param name="op">Its biases, multipliers, shifts.</param>
    /// <param name="weights">[O, K].</param>
    /// <param name="length">K.</param>
    /// <param name="t">From 0.</param>
    /// <param name="clamp">Zero point, least, most of the output.</param>
    /// <param name="chunks">From <see cref="Chunks"/>.</param>
    public static PackedTriple? TryCreate(BlobOperator op, sbyte[] weights, int length, int t, int[] clamp, int[] chunks)
    {
        int first = 3 * t;
        int count = Math.Min(3, op.Biases.Length - first);
        var scales = new ChannelScale[count];
        var offsets = new long[count];
        for (int i = 0; i < count; i++)
        {
            int channel = first + i;
            int single = op.Multipliers.Length == 1 ? 0 : channel;
            (long least, long most) = Range(weights, channel * length, length);
            (least, most) = (least + op.Biases[channel], most + op.Biases[channel]);
            if (op.Shifts[single] > 0 || least < int.MinValue || most > int.MaxValue || most - least >= int.MaxValue)
            {
                return null;
            }

            scales[i] = new ChannelScale(op.Multipliers[single], op.Shifts[single], clamp[0], clamp[1], clamp[2], least, most);
            offsets[i] = least;
        }

        return new PackedTriple(weights, length, first, count, chunks, scales, offsets, Segments(weights, length, first, count, chunks));
    }

    /// <summary>The statements for the inputs of one chunk.</summary>
    public void Write(MethodText text, int chunk)
    {
        bool begins = chunk == 0 || _ends[chunk - 1];
        bool ends = _ends[chunk];
        int terms = Enumerable.Range(_chunks[chunk], _chunks[chunk + 1] - _chunks[chunk]).Count(k => Pack(k) != 0);
        if (!begins && !ends && terms == 0)
        {
            return;
        }

        int triple = _first / 3;
        string start = begins ? $"{Start(chunk)}L" : $"sums[{triple}]";
        text.Line($"        // {(_count == 1 ? $"channel {_first}" : $"channels {_first} to {_first + _count - 1}")}");
        string sum = TermsText(chunk, out int ilBytes);
        text.Line($"        s = {start}{sum};", 11 + ilBytes);
        if (!ends)
        {
            text.Line($"        sums[{triple}] = s;", 8);
        }
        else
        {
            bool isLast = chunk + 2 == _chunks.Length;
            bool isFirst = !_ends.AsSpan(0, chunk).Contains(true);
            for (int i = 0; i < _count; i++)
            {
                WriteEnd(text, i, isFirst, isLast);
            }
        }
    }

    private void WriteEnd(MethodText text, int i, bool isFirst, bool isLast)
    {
        int channel = _first + i;
        int limb = i + 3 - _count;
        string target = $"y[{MethodText.Plus("to", channel)}]";
        if (isFirst && isLast)
        {
            StoreText.Limb(text, target, limb, _offsets[i], _scales[i]);
            return;
        }

        string part = limb switch
        {
            0 => "((int)s & 0x1FFFFF)",
            1 => "((int)(s >> 21) & 0x1FFFFF)",
            _ => "(int)(s >> 42)",
        };
        if (isLast)
        {
            text.Line($"        v = wide[{channel}] + {part};", 22);
            StoreText.Wide(text, target, _offsets[i], _scales[i]);
        }
        else
        {
            text.Line($"        wide[{channel}] {(isFirst ? "=" : "+=")} {part};", 28);
        }
    }

    /// <summary>Minus the least of each limb over the segment that begins with a chunk.</summary>
    private long Start(int chunk)
    {
        int end = Array.IndexOf(_ends, true, chunk) + 1;
        long start = 0;
        for (int i = 0; i < _count; i++)
        {
            start -= Range(_weights, ((_first + i) * _length) + _chunks[chunk], _chunks[end] - _chunks[chunk]).Least << (21 * (i + 3 - _count));
        }

        return start;
    }

    private string TermsText(int chunk, out int ilBytes)
    {
        var terms = new StringBuilder();
        int count = 0;
        ilBytes = 0;
        for (int k = _chunks[chunk]; k < _chunks[chunk + 1]; k++)
        {
            long constant = Pack(k);
            if (constant != 0)
            {
                terms.Append(count % TermsPerLine == 0 ? "\n            " : " ").Append($"+ (x{k} * {StoreText.Literal(constant)})");
                ilBytes += 4 + MethodText.ConstantBytes(constant);
                count++;
            }
        }

        return terms.ToString();
    }

    private long Pack(int k) => Pack(_weights, _length, _first, _count, k);

    /// <summary>The weights of input k. Where channels are missing, the limbs at the top serve: constants beyond 32 bits are one instruction, others two.</summary>
    public static long Pack(sbyte[] weights, int length, int first, int count, int k)
    {
        long sum = 0;
        for (int i = 0; i < count; i++)
        {
            sum += (long)weights[((first + i) * length) + k] << (21 * (i + 3 - count));
        }

        return sum;
    }

    private static bool[] Segments(sbyte[] weights, int length, int first, int count, int[] chunks)
    {
        var ends = new bool[chunks.Length - 1];
        var width = new long[count];
        for (int chunk = 0; chunk < ends.Length; chunk++)
        {
            long[] more = [.. Enumerable.Range(0, count).Select(i =>
            {
                (long least, long most) = Range(weights, ((first + i) * length) + chunks[chunk], chunks[chunk + 1] - chunks[chunk]);
                return most - least;
            })];
            if (chunk > 0 && Enumerable.Range(0, count).Any(i => width[i] + more[i] >= LimbEnd))
            {
                ends[chunk - 1] = true;
                Array.Clear(width);
            }

            for (int i = 0; i < count; i++)
            {
                width[i] += more[i];
            }
        }

        ends[^1] = true;
        return ends;
    }

    /// <summary>The least and the most that some weights can give, whatever int8 they meet.</summary>
    private static (long Least, long Most) Range(sbyte[] weights, int from, int count)
    {
        long least = 0;
        long most = 0;
        for (int i = from; i < from + count; i++)
        {
            int w = weights[i];
            least += w * (w > 0 ? LeastX : MostX);
            most += w * (w > 0 ? MostX : LeastX);
        }

        return (least, most);
    }
}
