namespace TinyInference.Tests.KernelTests;

/// <summary>Weights with many zeros, and the tables of docs/SPEC.md's "Sparse weights" that hold them.</summary>
internal static class SparseTable
{
    /// <summary>Sets weights of [outputs, length] to 0, from none to nearly all: of one output channel each, or of three at a time.</summary>
    public static void Prune(Dice dice, sbyte[] weights, int length, int width)
    {
        int kept = dice.Between(0, 8);
        int outputs = weights.Length / length;
        for (int o = 0; o < outputs; o += width)
        {
            for (int k = 0; k < length; k++)
            {
                if (dice.Between(0, 8) >= kept)
                {
                    for (int part = o; part < Math.Min(o + width, outputs); part++)
                    {
                        weights[(part * length) + k] = 0;
                    }
                }
            }
        }
    }

    /// <param name="weights">[outputs, length].</param>
    /// <param name="length">Weights of one output channel.</param>
    /// <param name="groups">Groups that the output channels belong to, in order.</param>
    /// <param name="width">Output channels of a row: 1 or 3.</param>
    public static sbyte[] Encode(sbyte[] weights, int length, int groups, int width)
    {
        int ofGroup = weights.Length / length / groups;
        var counts = new List<byte>();
        var entries = new List<byte>();
        for (int group = 0; group < groups; group++)
        {
            for (int o = 0; o < ofGroup; o += width)
            {
                sbyte[] At(int k) => [.. Enumerable.Range(0, width).Select(i => o + i < ofGroup ? weights[((((group * ofGroup) + o + i) * length) + k)] : (sbyte)0)];
                int count = 0;
                int place = 0;
                void Add(int to, sbyte[] values)
                {
                    entries.Add((byte)(to - place));
                    entries.AddRange((byte[])(object)values);
                    place = to;
                    count++;
                }

                for (int k = 0; k < length; k++)
                {
                    if (At(k).All(w => w == 0))
                    {
                        continue;
                    }

                    while (k - place > 255)
                    {
                        Add(place + 255, new sbyte[width]);
                    }

                    Add(k, At(k));
                }

                counts.Add((byte)count);
                counts.Add((byte)(count >> 8));
            }
        }

        return (sbyte[])(object)counts.Concat(entries).ToArray();
    }
}
