namespace TinyInference.Examples;

/// <summary>The most frequent of the last few classes: one odd reading changes nothing.</summary>
public sealed class Majority
{
    private readonly int[] _last;
    private readonly int[] _counts;
    private int _next;
    private int _seen;

    /// <param name="classes">Number of classes.</param>
    /// <param name="window">How many to look back.</param>
    public Majority(int classes, int window)
    {
        _counts = new int[classes];
        _last = new int[window];
    }

    /// <summary>Adds a class and returns the most frequent; of equally frequent ones the newest.</summary>
    public int Add(int value)
    {
        if (_seen == _last.Length)
        {
            _counts[_last[_next]]--;
        }
        else
        {
            _seen++;
        }

        _last[_next] = value;
        _next = (_next + 1) % _last.Length;
        _counts[value]++;
        int best = value;
        for (int i = 0; i < _counts.Length; i++)
        {
            if (_counts[i] > _counts[best])
            {
                best = i;
            }
        }

        return best;
    }
}
