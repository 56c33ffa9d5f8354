namespace TinyInference.Converter.Cli.Reports;

/// <summary>A set of bytes, as intervals that do not touch.</summary>
internal sealed class IntervalSet
{
    /// <summary>In ascending order.</summary>
    private readonly List<(int From, int To)> _intervals = [];

    public int Length => _intervals.Sum(i => i.To - i.From);

    public IntervalSet Clone()
    {
        var copy = new IntervalSet();
        copy._intervals.AddRange(_intervals);
        return copy;
    }

    public void Add(int from, int count)
    {
        int to = from + count;
        int at = _intervals.FindIndex(i => i.To >= from);
        at = at < 0 ? _intervals.Count : at;
        int end = at;
        for (; end < _intervals.Count && _intervals[end].From <= to; end++)
        {
            from = Math.Min(from, _intervals[end].From);
            to = Math.Max(to, _intervals[end].To);
        }

        _intervals.RemoveRange(at, end - at);
        _intervals.Insert(at, (from, to));
    }

    public void Remove(int from, int count)
    {
        int to = from + count;
        for (int i = _intervals.Count - 1; i >= 0; i--)
        {
            (int start, int end) = _intervals[i];
            if (end <= from || start >= to)
            {
                continue;
            }

            _intervals.RemoveAt(i);
            if (end > to)
            {
                _intervals.Insert(i, (to, end));
            }

            if (start < from)
            {
                _intervals.Insert(i, (start, from));
            }
        }
    }
}
