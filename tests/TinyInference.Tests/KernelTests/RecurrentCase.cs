namespace TinyInference.Tests.KernelTests;

/// <summary>A recurrent cell of random shape, run over several calls by the runtime and by a reference that goes unit by unit.</summary>
internal sealed class RecurrentCase
{
    private const int Forget = 11;
    private const int Input = 13;

    private static readonly int[] s_table = [.. Enumerable.Range(0, 256).Select(Entry)];

    private readonly int[] _p;
    private readonly int _gates;
    private readonly sbyte[] _weights;
    private readonly int[] _biases;
    private readonly int[] _multipliers;
    private readonly int[] _shifts;
    private readonly int[] _h;
    private readonly int[] _inner;

    /// <param name="gates">4 LSTM, 3 gated unit, 1 simple cell.</param>
    public RecurrentCase(Dice dice, int gates)
    {
        _gates = gates;
        int batch = dice.Between(1, 3), steps = dice.Between(1, 4), inputs = dice.Between(1, 40), units = dice.Between(1, 24);
        int fraction = dice.Between(9, 15);
        _p = [batch, steps, inputs, units, dice.Between(0, 1), dice.Between(0, 2), dice.Between(-20, 20), 1 << 30, gates == 4 ? -21 : -6];
        _p = gates == 4
            ? [.. _p, fraction, dice.Coin() ? 0 : dice.Between(1, short.MaxValue), 1 << 30, -14, 1 << 30, fraction - 29]
            : [.. _p, gates == 3 ? dice.Between(2, 3) : 1];
        int channels = gates * units;
        _weights = dice.Int8s(channels * (inputs + units));
        _biases = dice.Ints(2 * channels, -100_000, 100_000);
        int count = dice.Coin() ? 2 * gates : 2 * channels;
        _multipliers = dice.Ints(count, 1 << 30, int.MaxValue - 1);
        _shifts = dice.Ints(count, -6, -2);
        _h = new int[batch * units];
        _inner = new int[batch * units];
        Array.Fill(_h, _p[6]);
    }

    public void Check(Dice dice, bool isPacked)
    {
        int batch = _p[0], steps = _p[1], inputs = _p[2], units = _p[3];
        var session = new Session(Model.Load(Build(isPacked)));
        for (int call = 0; call < 3; call++)
        {
            sbyte[] x = dice.Int8s(batch * steps * inputs);
            session.SetInput(0, x);
            session.Run();
            var y = new sbyte[batch * steps * units];
            session.GetOutput(0, y);
            CollectionAssert.AreEqual(Expected(x), y, $"gates {_gates}, call {call}, parameters {string.Join(' ', _p)}");
        }
    }

    public byte[] Build(bool isPacked)
    {
        int batch = _p[0], steps = _p[1], inputs = _p[2], units = _p[3], channels = _gates * units;
        var builder = new BlobBuilder { Scratch32 = 2 * channels, Scratch64 = 16 + ((channels + 2) / 3) };
        int[] sequence = _p[4] == 0 ? [batch, steps] : [steps, batch];
        int x = builder.AddTensor(TensorType.Int8, [.. sequence, inputs]);
        int y = builder.AddTensor(TensorType.Int8, [.. sequence, units]);
        List<int> operands = [x, builder.AddState(TensorType.Int8, _p[6], batch, units)];
        if (_gates > 1)
        {
            operands.Add(builder.AddState(TensorType.Int16, 0, batch, units));
        }

        sbyte[] packed = [.. PackedWeights.Of(_weights[..(channels * inputs)], channels, inputs), .. PackedWeights.Of(_weights[(channels * inputs)..], channels, units)];
        builder.AddOperator(new OperatorRecord(_gates == 4 ? OperatorKind.UnidirectionalSequenceLstm : OperatorKind.RecurrentCell, [.. operands], [y])
        {
            Parameters = isPacked ? [.. _p, 32] : _p,
            Weights = isPacked ? packed : _weights,
            Biases = _biases,
            Multipliers = _multipliers,
            Shifts = _shifts,
            Encoding = isPacked ? WeightEncoding.Packed : WeightEncoding.Dense,
        });
        return builder.Build([x], [y]);
    }

    private sbyte[] Expected(sbyte[] x)
    {
        int batch = _p[0], steps = _p[1], inputs = _p[2], units = _p[3], channels = _gates * units;
        var y = new sbyte[batch * steps * units];
        for (int n = 0; n < batch; n++)
        {
            for (int t = 0; t < steps; t++)
            {
                int at = _p[4] == 0 ? (n * steps) + t : (t * batch) + n;
                int[] before = _h[(n * units)..((n + 1) * units)];
                int[] inner = _inner[(n * units)..((n + 1) * units)];
                for (int u = 0; u < units; u++)
                {
                    int FromInput(int gate) => FromInputOf(gate, u);
                    int FromState(int gate) => Product(gate, u, i => before[i]);
                    int Product(int gate, int unit, Func<int, int> state) => ToInt16(1, gate, unit, _biases[channels + (gate * units) + unit]
                        + Enumerable.Range(0, units).Sum(i => _weights[(channels * inputs) + (((gate * units) + unit) * units) + i] * state(i)));
                    int FromInputOf(int gate, int unit) => ToInt16(0, gate, unit, _biases[(gate * units) + unit]
                        + Enumerable.Range(0, inputs).Sum(i => _weights[(((gate * units) + unit) * inputs) + i] * x[(at * inputs) + i]));
                    int Reset(int i) => Quantized(((Sigmoid(Saturate(FromInputOf(1, i) + Product(1, i, k => before[k]))) * inner[i]) + (1 << 14)) >> 15);
                    int Both(int gate) => Saturate(FromInput(gate) + FromState(gate));
                    int state = (n * units) + u;
                    _h[state] = Quantized(Step(state, FromInput, FromState, Both, () => Product(2, u, Reset)));
                    y[(at * units) + u] = (sbyte)_h[state];
                }
            }
        }

        return y;
    }

    private int Step(int state, Func<int, int> fromInput, Func<int, int> fromState, Func<int, int> both, Func<int> fromResetState)
    {
        switch (_gates)
        {
            case 1:
                return Tanh(both(0), 12);
            case 3:
                int added = _p[9] == 3 ? fromResetState() : ((Sigmoid(both(1)) * fromState(2)) + (1 << 14)) >> 15;
                int candidate = Tanh(Saturate(fromInput(2) + added), 12);
                _inner[state] = candidate + (((Sigmoid(both(0)) * (_inner[state] - candidate)) + (1 << 14)) >> 15);
                return _inner[state];
            default:
                int kept = Saturate(Reference.MultiplyByQuantizedMultiplier(Sigmoid(both(2)) * _inner[state], _p[Forget], _p[Forget + 1]));
                int more = Saturate(Reference.MultiplyByQuantizedMultiplier(Sigmoid(both(0)) * Tanh(both(3), 12), _p[Input], _p[Input + 1]));
                int cell = Saturate(kept + more);
                _inner[state] = _p[10] > 0 ? Math.Clamp(cell, -_p[10], _p[10]) : cell;
                return Tanh(_inner[state], _p[9]) * Sigmoid(both(1));
        }
    }

    private int Quantized(int state) => Reference.Clamp(Reference.MultiplyByQuantizedMultiplier(state, _p[7], _p[8]) + _p[6], -128, 127);

    private int ToInt16(int side, int gate, int unit, int sum)
    {
        int row = (((side * _gates) + gate) * _p[3]) + unit;
        int index = _multipliers.Length == 2 * _gates ? (side * _gates) + gate : row;
        return Saturate(Reference.MultiplyByQuantizedMultiplier(sum, _multipliers[index], _shifts[index]));
    }

    private int Sigmoid(int x)
    {
        if (_p[5] != 0)
        {
            return Math.Clamp((((x * 13107) + 4096) >> 13) + 16384, 0, 32767);
        }

        int y = Interpolate(Math.Abs(x * 3), 9);
        return (x < 0 ? (1 << 25) - y + 511 : y + 512) >> 10;
    }

    private int Tanh(int x, int fractionBits)
    {
        if (_p[5] == 1)
        {
            return Math.Clamp(x << (15 - fractionBits), -32767, 32767);
        }

        int scaled = fractionBits <= 12 ? (3 * x) << (12 - fractionBits) : ((3 * x) + (1 << (fractionBits - 13))) >> (fractionBits - 12);
        int magnitude = Math.Abs(scaled);
        int y = magnitude >> 8 >= 255 ? 0xFFFF << 8 : Interpolate(magnitude, 8);
        return (scaled < 0 ? (1 << 23) - y + 127 : y - (1 << 23) + 128) >> 8;
    }

    private static int Interpolate(int magnitude, int bits)
    {
        int step = magnitude >> bits;
        int rest = magnitude & ((1 << bits) - 1);
        return (s_table[step] << bits) + (rest * (s_table[step + 1] - s_table[step]));
    }

    /// <summary>docs/ARITHMETIC.md: the sigmoid of i / 24 less a sixteenth of the squared step times its second derivative.</summary>
    private static int Entry(int i)
    {
        double y = 1 / (1 + Math.Exp(-i / 24.0));
        double curvature = y * (1 - y) * (1 - (2 * y));
        return i == 255 ? 65535 : (int)Math.Min(65535, Math.Floor((65536 * (y - (curvature / 16 / 576))) + 0.5));
    }

    private static int Saturate(int x) => Math.Clamp(x, short.MinValue, short.MaxValue);
}
