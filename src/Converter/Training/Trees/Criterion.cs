namespace TinyInference.Converter.Training.Trees;

/// <summary>A way to part the samples of a node.</summary>
/// <param name="Feature">-1 for none.</param>
/// <param name="Left">The last rank that goes left.</param>
/// <param name="Threshold">Between it and the next one that occurs.</param>
/// <param name="Gain">By how much it lowers the impurity, summed over the samples.</param>
internal readonly record struct Split(int Feature, int Left, float Threshold, double Gain)
{
    public static readonly Split None = new(-1, 0, 0, 0);
}

/// <summary>What a good split is: statistics of groups of samples, and their score. Stateless but for the samples: threads may share one.</summary>
internal abstract class Criterion(FeatureTable table)
{
    /// <summary>Gains below this part of the samples are rounding.</summary>
    private const double LeastGain = 1e-9;

    [ThreadStatic]
    private static double[]? s_statistics;

    [ThreadStatic]
    private static ushort[]? s_keys;

    [ThreadStatic]
    private static int[]? s_rows;

    public FeatureTable Table { get; } = table;

    /// <summary>Numbers that are kept of a group of samples.</summary>
    protected abstract int Width { get; }

    /// <summary>Values of a leaf.</summary>
    public abstract int LeafWidth { get; }

    /// <summary>Adds a sample to a group's statistics [Width]; the first is the count of samples.</summary>
    protected abstract void Add(int row, Span<double> statistics);

    /// <summary>How pure a group is, times its samples: what splits raise.</summary>
    protected abstract double Score(ReadOnlySpan<double> statistics);

    /// <summary>What a leaf of these samples gives.</summary>
    /// <param name="values">[LeafWidth].</param>
    protected abstract void WriteLeaf(ReadOnlySpan<double> statistics, Span<float> values);

    /// <summary>What a leaf of <paramref name="rows"/> gives.</summary>
    public void WriteLeaf(ReadOnlySpan<int> rows, Span<float> values)
    {
        Span<double> total = stackalloc double[Width];
        total.Clear();
        foreach (int row in rows)
        {
            Add(row, total);
        }

        WriteLeaf(total, values);
    }

    /// <summary>The best way to part <paramref name="rows"/> by one feature.</summary>
    public Split Best(int feature, ReadOnlySpan<int> rows, int leafRows)
    {
        int bins = Table.BinCount(feature);
        if (bins < 2 || rows.Length < 2 * leafRows)
        {
            return Split.None;
        }

        // Few samples of many values are sorted; else the samples of each value are counted.
        return bins <= 4L * rows.Length ? FromHistogram(feature, rows, bins, leafRows) : FromSorted(feature, rows, leafRows);
    }

    private Split FromHistogram(int feature, ReadOnlySpan<int> rows, int bins, int leafRows)
    {
        Span<double> statistics = Room(ref s_statistics, bins * Width);
        statistics.Clear();
        ReadOnlySpan<ushort> ranks = Table.Bins(feature);
        foreach (int row in rows)
        {
            Add(row, statistics.Slice(ranks[row] * Width, Width));
        }

        return Sweep(feature, statistics, [], bins, leafRows);
    }

    private Split FromSorted(int feature, ReadOnlySpan<int> rows, int leafRows)
    {
        Span<ushort> keys = Room(ref s_keys, rows.Length);
        Span<int> sorted = Room(ref s_rows, rows.Length);
        ReadOnlySpan<ushort> ranks = Table.Bins(feature);
        for (int i = 0; i < rows.Length; i++)
        {
            keys[i] = ranks[rows[i]];
            sorted[i] = rows[i];
        }

        keys.Sort(sorted);
        Span<double> statistics = Room(ref s_statistics, rows.Length * Width);
        statistics.Clear();
        int groups = 0;
        for (int i = 0; i < keys.Length; i++)
        {
            if (i > 0 && keys[i] != keys[groups])
            {
                keys[++groups] = keys[i];
            }

            Add(sorted[i], statistics.Slice(groups * Width, Width));
        }

        return Sweep(feature, statistics, keys, groups + 1, leafRows);
    }

    /// <param name="statistics">[groups, Width], in the order of the ranks.</param>
    /// <param name="ranks">Of the groups; none where group i has rank i.</param>
    private Split Sweep(int feature, ReadOnlySpan<double> statistics, ReadOnlySpan<ushort> ranks, int groups, int leafRows)
    {
        Span<double> left = stackalloc double[Width];
        Span<double> right = stackalloc double[Width];
        left.Clear();
        right.Clear();
        for (int i = 0; i < groups * Width; i += Width)
        {
            for (int j = 0; j < right.Length; j++)
            {
                right[j] += statistics[i + j];
            }
        }

        double parent = Score(right);
        double least = LeastGain * right[0];
        (int Left, int Right, double Gain) best = (-1, -1, least);
        for (int g = 0; g < groups; g++)
        {
            ReadOnlySpan<double> group = statistics.Slice(g * Width, Width);
            if (group[0] == 0)
            {
                continue;
            }

            // The next group that occurs after the best place: the threshold lies between the two.
            if (best.Right == best.Left && best.Left >= 0)
            {
                best.Right = g;
            }

            for (int j = 0; j < left.Length; j++)
            {
                left[j] += group[j];
                right[j] -= group[j];
            }

            if (left[0] < leafRows || right[0] < leafRows)
            {
                continue;
            }

            double gain = Score(left) + Score(right) - parent;
            if (gain > best.Gain)
            {
                best = (g, g, gain);
            }
        }

        if (best.Left < 0 || best.Right == best.Left)
        {
            return Split.None;
        }

        int Rank(int group, ReadOnlySpan<ushort> given) => given.IsEmpty ? group : given[group];
        int last = Rank(best.Left, ranks);
        return new Split(feature, last, Table.Threshold(feature, last, Rank(best.Right, ranks)), best.Gain);
    }

    private static Span<T> Room<T>(ref T[]? buffer, int length)
    {
        if (buffer is null || buffer.Length < length)
        {
            buffer = new T[Math.Max(length, 1024)];
        }

        return buffer.AsSpan(0, length);
    }
}
