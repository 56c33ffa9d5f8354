namespace TinyInference.Converter.Lowering;

/// <summary>The weights of a layer as a table of those that are not 0: docs/SPEC.md, "Sparse weights".</summary>
internal sealed class SparseTable
{
    /// <summary>An entry states its distance from the one before in a byte.</summary>
    private const int MostDistance = 255;

    private readonly List<sbyte> _counts = [];
    private readonly List<sbyte> _entries = [];
    private readonly sbyte[] _weights;
    private readonly int _length;
    private int _span = ushort.MaxValue;

    private SparseTable(sbyte[] weights, int length)
    {
        _weights = weights;
        _length = length;
    }

    /// <summary>As the blob holds them.</summary>
    public sbyte[] Bytes => [.. _counts, .. _entries];

    /// <summary>Of all rows; those of weight 0 that only bridge a distance count too.</summary>
    public int Entries { get; private set; }

    /// <summary>The most consecutive entries of a row whose sums are sure to fit a limb, in sixteens as the kernels take them.</summary>
    public int Span => _span & ~15;

    /// <summary>Makes the table, or null where a row has more entries than a table can state.</summary>
    /// <param name="weights">[outputs, length].</param>
    /// <param name="outputs">Output channels.</param>
    /// <param name="groups">Groups that they belong to, in order.</param>
    /// <param name="width">Output channels of a row: 1, or 3 (or what is left) of a group.</param>
    public static SparseTable? Create(sbyte[] weights, int outputs, int groups, int width)
    {
        var table = new SparseTable(weights, weights.Length / outputs);
        int ofGroup = outputs / groups;
        for (int group = 0; group < outputs; group += ofGroup)
        {
            for (int channel = 0; channel < ofGroup; channel += width)
            {
                if (!table.AddRow(group + channel, Math.Min(width, ofGroup - channel), width))
                {
                    return null;
                }
            }
        }

        return table;
    }

    /// <param name="first">The row's first output channel.</param>
    /// <param name="channels">How many it has.</param>
    /// <param name="width">How many weights an entry has.</param>
    private bool AddRow(int first, int channels, int width)
    {
        int start = _entries.Count;
        int place = 0;
        for (int k = 0; k < _length; k++)
        {
            if (!HasWeight(first, channels, k))
            {
                continue;
            }

            for (; k - place > MostDistance; place += MostDistance)
            {
                _entries.Add(unchecked((sbyte)MostDistance));
                _entries.AddRange(new sbyte[width]);
            }

            _entries.Add(unchecked((sbyte)(k - place)));
            for (int i = 0; i < width; i++)
            {
                _entries.Add(i < channels ? _weights[((first + i) * _length) + k] : (sbyte)0);
            }

            place = k;
        }

        int count = (_entries.Count - start) / (1 + width);
        for (int i = 1; i <= width; i++)
        {
            _span = Math.Min(_span, WeightSpan.Of(_entries, start + i, 1 + width, count));
        }

        Entries += count;
        _counts.Add(unchecked((sbyte)count));
        _counts.Add(unchecked((sbyte)(count >> 8)));
        return count <= ushort.MaxValue;
    }

    private bool HasWeight(int first, int channels, int k)
    {
        for (int i = 0; i < channels; i++)
        {
            if (_weights[((first + i) * _length) + k] != 0)
            {
                return true;
            }
        }

        return false;
    }
}
