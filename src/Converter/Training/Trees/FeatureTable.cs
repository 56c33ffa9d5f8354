using TinyInference.Converter.Data;

namespace TinyInference.Converter.Training.Trees;

/// <summary>Samples column by column, each number as the rank of its value among those of the column: what trees are grown from.</summary>
internal sealed class FeatureTable
{
    /// <summary>What a rank can be.</summary>
    public const int MostBins = 1 << 16;

    private readonly ushort[][] _bins;
    private readonly float[][] _low;
    private readonly float[][] _high;

    private FeatureTable(int rows, ushort[][] bins, float[][] low, float[][] high)
    {
        Rows = rows;
        _bins = bins;
        _low = low;
        _high = high;
    }

    public int Rows { get; }

    public int Features => _bins.Length;

    /// <param name="data">Samples of finite numbers.</param>
    /// <param name="scale">Number of a sample to input: number * scale + offset.</param>
    /// <param name="offset">See <paramref name="scale"/>.</param>
    /// <param name="mostBins">Where a column has more different values, neighbours share a rank, each rank about as many samples as the others.</param>
    public static FeatureTable Create(Dataset data, float scale, float offset, int mostBins, int threads)
    {
        int features = data.SampleShape.ElementCount;
        var columns = new float[features][];
        for (int f = 0; f < features; f++)
        {
            columns[f] = new float[data.Count];
        }

        var sample = new float[features];
        for (int i = 0; i < data.Count; i++)
        {
            data.Read(i, sample);
            for (int f = 0; f < features; f++)
            {
                columns[f][i] = (sample[f] * scale) + offset;
            }
        }

        var bins = new ushort[features][];
        var low = new float[features][];
        var high = new float[features][];
        Parallel.For(0, features, new ParallelOptions { MaxDegreeOfParallelism = threads }, f =>
        {
            (bins[f], low[f], high[f]) = Rank(columns[f], mostBins);
            columns[f] = [];
        });
        return new FeatureTable(data.Count, bins, low, high);
    }

    /// <summary>The ranks of a column, row by row.</summary>
    public ReadOnlySpan<ushort> Bins(int feature) => _bins[feature];

    /// <summary>Different ranks of a column.</summary>
    public int BinCount(int feature) => _low[feature].Length;

    /// <summary>A number between the values of two ranks: at least those of <paramref name="left"/>, below those of <paramref name="right"/>.</summary>
    public float Threshold(int feature, int left, int right)
    {
        float below = _high[feature][left];
        float above = _low[feature][right];
        float middle = (float)(((double)below + above) / 2);
        return middle >= below && middle < above ? middle : below;
    }

    private static (ushort[] Bins, float[] Low, float[] High) Rank(float[] column, int mostBins)
    {
        float[] sorted = (float[])column.Clone();
        Array.Sort(sorted);
        var low = new List<float>();
        var high = new List<float>();
        int different = 0;
        for (int i = 0; i < sorted.Length; i++)
        {
            different += i == 0 || sorted[i] != sorted[i - 1] ? 1 : 0;
        }

        int perBin = different <= mostBins ? 1 : (sorted.Length + mostBins - 1) / mostBins;
        for (int start = 0; start < sorted.Length;)
        {
            int end = Math.Min(start + perBin, sorted.Length);
            while (end < sorted.Length && sorted[end] == sorted[end - 1])
            {
                end++;
            }

            low.Add(sorted[start]);
            high.Add(sorted[end - 1]);
            start = end;
        }

        float[] highest = [.. high];
        var bins = new ushort[column.Length];
        for (int i = 0; i < bins.Length; i++)
        {
            int found = Array.BinarySearch(highest, column[i]);
            bins[i] = (ushort)(found >= 0 ? found : ~found);
        }

        return (bins, [.. low], highest);
    }
}
