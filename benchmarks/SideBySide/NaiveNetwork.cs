#nullable disable

namespace TinyInference.SideBySide;

/// <summary>
/// What everyone writes first: for each output a loop over its weights, <c>sum += w[i] * (x[i] - zp)</c>, and one requantization. Convolutions and fully connected
/// layers; the other operators run by the runtime. Written for the device too: C# 10, arrays and integers.
/// </summary>
public sealed class NaiveNetwork
{
    private readonly Session _session;

    /// <summary>For each operator its loops; null where the runtime runs it.</summary>
    private readonly NaiveLayer[] _layers;

    /// <param name="session">Of a blob with plain kernels.</param>
    public NaiveNetwork(Session session)
    {
        _session = session;
        Operator[] operators = session.Model.Operators;
        _layers = new NaiveLayer[operators.Length];
        for (int i = 0; i < operators.Length; i++)
        {
            if (Computes(operators[i].Kind))
            {
                _layers[i] = new NaiveLayer(operators[i]);
            }
        }
    }

    public static bool Computes(OperatorKind kind)
        => kind == OperatorKind.Conv2D || kind == OperatorKind.DepthwiseConv2D || kind == OperatorKind.FullyConnected;

    public void Run()
    {
        for (int i = 0; i < _layers.Length; i++)
        {
            if (_layers[i] == null)
            {
                _session.RunOperators(i, 1);
            }
            else
            {
                _layers[i].Run(_session.Arena);
            }
        }
    }
}
