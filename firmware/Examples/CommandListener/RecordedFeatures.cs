namespace TinyInference.Examples.CommandListener;

/// <summary>
/// A tone that comes and goes between silence: features of 10 coefficients a frame, of which the first is the loudness. It makes a listener run
/// without a microphone; words are for the one on the board to hear.
/// </summary>
public sealed class RecordedFeatures : IFeatureSource
{
    private const int Coefficients = 10;
    private static readonly sbyte[] s_silence = { -109, 83, 82, 84, 83, 83, 82, 83, 84, 83 };
    private static readonly sbyte[] s_tone = { 60, 101, 64, 90, 77, 88, 80, 85, 82, 84 };

    private int _step;

    /// <inheritdoc/>
    public void Read(sbyte[] features)
    {
        int frames = features.Length / Coefficients;
        for (int frame = 0; frame < frames; frame++)
        {
            // Half a second of tone every two seconds; a step is a fifth of a second.
            bool isTone = ((frame + (_step * 10)) / 25) % 4 == 0;
            for (int i = 0; i < Coefficients; i++)
            {
                features[(frame * Coefficients) + i] = (isTone ? s_tone : s_silence)[i];
            }
        }

        _step++;
    }
}
