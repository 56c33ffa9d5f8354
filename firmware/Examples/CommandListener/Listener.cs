namespace TinyInference.Examples.CommandListener;

/// <summary>Words out of a stream of features: a word counts when two steps in a row agree and are sure, and then once.</summary>
public sealed class Listener
{
    /// <summary>Of 256 steps of the output's scale: about 0.7.</summary>
    private const int Sure = 180;
    private const int StepsOfRest = 4;

    private readonly Classifier _classifier;
    private readonly sbyte[] _features;
    private int _last = -1;
    private int _rest;

    /// <param name="classifier">Features in, words out; Silence and Unknown among them are no commands.</param>
    public Listener(Classifier classifier)
    {
        _classifier = classifier;
        _features = new sbyte[classifier.InputCount];
    }

    /// <summary>Takes the next step of sound.</summary>
    /// <returns>The word that was just heard; null for none.</returns>
    public string Step(IFeatureSource source)
    {
        source.Read(_features);
        int heard = _classifier.Classify(_features);
        bool isSure = _classifier.Confidence >= Sure;
        bool agrees = isSure && heard == _last;
        _last = isSure ? heard : -1;
        if (_rest > 0)
        {
            _rest--;
            return null;
        }

        string word = _classifier.Label(heard);
        if (!agrees || word == "Silence" || word == "Unknown")
        {
            return null;
        }

        _rest = StepsOfRest;
        return word;
    }
}
