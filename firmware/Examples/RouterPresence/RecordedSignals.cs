namespace TinyInference.Examples.RouterPresence;

/// <summary>A person who walks from one end of a flat to the other and back; over and over.</summary>
public sealed class RecordedSignals : ISignalSource
{
    private const int AccessPoints = 7;

    /// <summary>dBm at each access point, and packets: a line for each second.</summary>
    private static readonly sbyte[] s_readings =
    {
        -62, -56, -60, -65, -71, -83, -84, 12,
        -60, -57, -58, -63, -70, -82, -83, 40,
        -55, -56, -55, -58, -69, -80, -81, 3,
        -48, -55, -53, -50, -66, -76, -77, 0,
        -43, -53, -54, -44, -64, -71, -73, 25,
        -48, -55, -53, -51, -66, -76, -78, 1,
    };

    private int _position;
    private int _packets;

    /// <inheritdoc/>
    public bool TryRead(float[] dBm)
    {
        for (int i = 0; i < dBm.Length; i++)
        {
            dBm[i] = s_readings[_position + i];
        }

        _packets += s_readings[_position + AccessPoints];
        _position = (_position + AccessPoints + 1) % s_readings.Length;
        return true;
    }

    /// <inheritdoc/>
    public int TakePackets()
    {
        int packets = _packets;
        _packets = 0;
        return packets;
    }
}
