namespace TinyInference.Tests.KernelTests;

/// <summary>Weights of encoding 1.</summary>
internal static class PackedWeights
{
    /// <summary>Triples of rows of [outputs, length] as docs/SPEC.md packs them, little endian.</summary>
    public static sbyte[] Of(sbyte[] weights, int outputs, int length)
    {
        int padded = (length + 15) / 16 * 16;
        var bytes = new List<byte>();
        for (int o = 0; o < outputs; o += 3)
        {
            for (int k = 0; k < padded; k++)
            {
                long packed = 0;
                for (int part = 2; part >= 0; part--)
                {
                    packed = (packed << 21) + (k < length && o + part < outputs ? weights[((o + part) * length) + k] : 0);
                }

                bytes.AddRange(BitConverter.GetBytes(packed));
            }
        }

        return [.. bytes.Select(b => (sbyte)b)];
    }
}
