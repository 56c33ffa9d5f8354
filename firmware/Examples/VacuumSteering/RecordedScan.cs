namespace TinyInference.Examples.VacuumSteering;

/// <summary>Readings of a walk along the right wall of a corridor 1.6 m wide, which ends 3 m ahead; over and over.</summary>
public sealed class RecordedScan : IRangeScan
{
    /// <summary>Millimetres, a line for each scan.</summary>
    private static readonly short[] s_millimetres =
    {
        3000, 3100, 1600, 1131, 924, 828, 800, 828, 924, 1131, 1600, 3091, 5000, 3091, 1600, 1131, 924, 828, 800, 828, 924, 1131, 1600, 3100,
        2200, 2278, 1200, 849, 693, 621, 600, 621, 693, 849, 1200, 2318, 5000, 3864, 2000, 1414, 1155, 1035, 1000, 1035, 1155, 1414, 2000, 2278,
        1400, 1449, 1000, 707, 577, 518, 500, 518, 577, 707, 1000, 1932, 5000, 4250, 2200, 1556, 1270, 1139, 1100, 1139, 1270, 1556, 1617, 1449,
        700, 725, 808, 707, 577, 518, 500, 518, 577, 707, 1000, 1932, 5000, 4250, 2200, 1556, 1270, 1139, 1100, 1139, 1270, 990, 808, 725,
    };

    private int _position;

    /// <inheritdoc/>
    public bool TryRead(float[] metres)
    {
        for (int i = 0; i < metres.Length; i++)
        {
            metres[i] = s_millimetres[_position + i] * 0.001f;
        }

        _position = (_position + metres.Length) % s_millimetres.Length;
        return true;
    }
}
