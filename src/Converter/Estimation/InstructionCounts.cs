namespace TinyInference.Converter.Estimation;

/// <summary>How many IL instructions of each class were executed.</summary>
internal sealed class InstructionCounts
{
    private readonly long[] _counts = new long[InstructionClasses.Count];

    public long this[InstructionClass kind] => _counts[(int)kind];

    public long Total => _counts.Sum();

    /// <summary>Nanoseconds on the reference host: see <see cref="HostCosts"/>.</summary>
    public double HostNanoseconds => Enum.GetValues<InstructionClass>().Sum(kind => this[kind] * HostCosts.Nanoseconds(kind));

    public void Add(InstructionClass kind, long count = 1) => _counts[(int)kind] += count;

    /// <summary>Adds <paramref name="other"/> <paramref name="times"/> times; a negative number takes away.</summary>
    public void Add(InstructionCounts other, long times = 1)
    {
        for (int i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i] * times;
        }
    }

    /// <summary>The mean of some runs alike.</summary>
    public InstructionCounts DividedBy(int runs)
    {
        var mean = new InstructionCounts();
        for (int i = 0; i < _counts.Length; i++)
        {
            mean._counts[i] = _counts[i] / runs;
        }

        return mean;
    }

    public static InstructionCounts Sum(IEnumerable<InstructionCounts> parts)
    {
        var sum = new InstructionCounts();
        foreach (InstructionCounts part in parts)
        {
            sum.Add(part);
        }

        return sum;
    }
}
