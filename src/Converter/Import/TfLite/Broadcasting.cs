namespace TinyInference.Converter.Import.TfLite;

using TinyInference.Converter.Graphs;

/// <summary>NumPy's broadcasting of two shapes.</summary>
internal static class Broadcasting
{
    /// <summary>The shape of an elementwise result; dimensions are aligned at the end, and a 1 stretches.</summary>
    public static Shape Combine(OperatorImport op, Shape a, Shape b)
    {
        int[] result = new int[Math.Max(a.Rank, b.Rank)];
        for (int i = 1; i <= result.Length; i++)
        {
            int x = i <= a.Rank ? a[-i] : 1;
            int y = i <= b.Rank ? b[-i] : 1;
            if (x != y && x != 1 && y != 1)
            {
                throw op.Malformed($"cannot combine the shapes {a} and {b}");
            }

            result[^i] = x == 1 ? y : x;
        }

        return op.MakeShape(result);
    }
}
