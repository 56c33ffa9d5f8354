namespace TinyInference.Examples.RouterPresence;

/// <summary>Which room a person is in, and whether anybody is there at all.</summary>
public sealed class Presence
{
    /// <summary>No phone for so many readings: nobody is there.</summary>
    private const int ReadingsToLeave = 5;
    private const float Unheard = -95;

    private readonly Classifier _classifier;
    private readonly Majority _majority;
    private readonly float[] _dBm;
    private int _unheard;

    /// <param name="classifier">Strengths of access points in, rooms out.</param>
    public Presence(Classifier classifier)
    {
        _classifier = classifier;
        _majority = new Majority(classifier.ClassCount, 5);
        _dBm = new float[classifier.InputCount];
        _unheard = ReadingsToLeave;
    }

    /// <summary>The room's name; null when nobody is there.</summary>
    public string Room { get; private set; }

    /// <summary>The phone sends and receives.</summary>
    public bool IsActive { get; private set; }

    /// <summary>Takes one reading.</summary>
    /// <returns>Whether the room has changed.</returns>
    public bool Step(ISignalSource source)
    {
        string before = Room;
        IsActive = source.TryRead(_dBm) && source.TakePackets() > 0;
        if (IsHeard())
        {
            _unheard = 0;
            Room = _classifier.Label(_majority.Add(_classifier.Classify(_dBm)));
        }
        else
        {
            _unheard++;
            if (_unheard >= ReadingsToLeave)
            {
                Room = null;
            }
        }

        return Room != before;
    }

    private bool IsHeard()
    {
        for (int i = 0; i < _dBm.Length; i++)
        {
            if (_dBm[i] > Unheard)
            {
                return true;
            }
        }

        return false;
    }
}
