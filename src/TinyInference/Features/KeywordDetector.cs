namespace TinyInference;

/// <summary>
/// Makes words of a network's answers about overlapping pieces of sound: averages the last answers, takes the class that is sure enough at the moment
/// when it is surest, and then hears nothing for a while, because the pieces that follow hold the same word. Warden's streaming measurements
/// (arXiv 1804.03209, section 7.3) do alike. Integers only; allocates nothing after construction.
/// </summary>
public sealed class KeywordDetector
{
    private readonly int[] _recent;
    private readonly int[] _sums;
    private readonly bool[] _isWord;
    private readonly int _average;
    private int _next;
    private int _candidate = -1;
    private int _best;
    private int _bestTime;
    private int _deafUntil;

    /// <param name="isWord">For each class whether it is a word; false for silence, and for what is none of the words.</param>
    /// <param name="average">How many answers are averaged, 1 or more.</param>
    public KeywordDetector(bool[] isWord, int average)
    {
        _isWord = isWord;
        _average = average;
        _recent = new int[average * isWord.Length];
        _sums = new int[isWord.Length];
    }

    /// <summary>How sure the average must be, of 255.</summary>
    public int Threshold { get; set; } = 178;

    /// <summary>How long nothing is heard behind the moment of a word, in milliseconds.</summary>
    public int DeafTime { get; set; } = 700;

    /// <summary>How sure the average was of the last word, of 255.</summary>
    public int Score { get; private set; }

    /// <summary>When the average was surest of the last word, by the times that were given, in milliseconds.</summary>
    public int Time { get; private set; }

    /// <summary>Forgets all answers.</summary>
    public void Reset()
    {
        for (int i = 0; i < _recent.Length; i++)
        {
            _recent[i] = 0;
        }

        for (int c = 0; c < _sums.Length; c++)
        {
            _sums[c] = 0;
        }

        _next = 0;
        _candidate = -1;
        _best = 0;
        _deafUntil = 0;
    }

    /// <summary>Takes the next answer.</summary>
    /// <param name="answer">Where it is: for each class a probability as the int8 softmax has it, -128 for 0 to 127 for 1.</param>
    /// <param name="offset">Of the first class.</param>
    /// <param name="time">Of the piece of sound, in milliseconds; never less than the one before.</param>
    /// <returns>The class that was said; -1 for none.</returns>
    public int Add(sbyte[] answer, int offset, int time)
    {
        int[] sums = _sums;
        int[] recent = _recent;
        int place = _next * sums.Length;
        int top = 0;
        for (int c = 0; c < sums.Length; c++)
        {
            int x = answer[offset + c] + 128;
            sums[c] += x - recent[place + c];
            recent[place + c] = x;
            if (sums[c] > sums[top])
            {
                top = c;
            }
        }

        _next = _next + 1 < _average ? _next + 1 : 0;
        if (time < _deafUntil)
        {
            return -1;
        }

        if (_isWord[top] && sums[top] > _best && sums[top] >= Threshold * _average)
        {
            _candidate = top;
            _best = sums[top];
            _bestTime = time;
            return -1;
        }

        int word = _candidate;
        if (word >= 0)
        {
            Score = _best / _average;
            Time = _bestTime;
            _deafUntil = _bestTime + DeafTime;
            _candidate = -1;
            _best = 0;
        }

        return word;
    }
}
