namespace TinyInference.Examples.VacuumSteering;

/// <summary>From a scan to the speeds of two wheels: the network proposes, a rule keeps the vacuum from touching anything.</summary>
public sealed class Steering
{
    /// <summary>Readings in a scan.</summary>
    public const int Readings = 24;

    /// <summary>Of both wheels, straight ahead, in percent.</summary>
    private const int Cruise = 60;

    private const float NearestMetres = 0.15f;

    private readonly Classifier _classifier;
    private readonly Majority _majority;
    private readonly float[] _metres = new float[Readings];

    /// <param name="classifier">24 readings; classes Move-Forward, Slight-Right-Turn, Sharp-Right-Turn, Slight-Left-Turn in any order.</param>
    public Steering(Classifier classifier)
    {
        _classifier = classifier;
        _majority = new Majority(classifier.ClassCount, 3);
    }

    /// <summary>Of the left wheel, -100 to 100.</summary>
    public int Left { get; private set; }

    /// <summary>Of the right wheel.</summary>
    public int Right { get; private set; }

    /// <summary>Reads one scan and sets both speeds; stops where a scan fails.</summary>
    public void Step(IRangeScan scan)
    {
        if (!scan.TryRead(_metres))
        {
            Set(0, 0);
            return;
        }

        string decision = _classifier.Label(_majority.Add(_classifier.Classify(_metres)));
        if (IsTooNear())
        {
            // Turn on the spot, to the right as the network was taught.
            Set(Cruise / 2, -Cruise / 2);
            return;
        }

        switch (decision)
        {
            case "Move-Forward":
                Set(Cruise, Cruise);
                break;
            case "Slight-Right-Turn":
                Set(Cruise, Cruise / 2);
                break;
            case "Sharp-Right-Turn":
                Set(Cruise, 0);
                break;
            case "Slight-Left-Turn":
                Set(Cruise / 2, Cruise);
                break;
            default:
                Set(0, 0);
                break;
        }
    }

    /// <summary>Ahead: 45 degrees to either side.</summary>
    private bool IsTooNear()
    {
        for (int i = -3; i <= 3; i++)
        {
            if (_metres[(i + Readings) % Readings] < NearestMetres)
            {
                return true;
            }
        }

        return false;
    }

    private void Set(int left, int right)
    {
        Left = left;
        Right = right;
    }
}
