namespace TinyInference.Tests.KernelTests;

/// <summary>A random tree ensemble, as docs/SPEC.md lays it out, with a reference that goes down trees of objects.</summary>
internal sealed class TreeCase
{
    private readonly Dice _dice;
    private readonly TensorType _type;
    private readonly int _features;
    private readonly int _outputs;
    private readonly bool _rows;
    private readonly int[] _start;
    private readonly List<(int Output, Question Root)> _trees = [];
    private readonly List<double> _thresholds = [];

    public TreeCase(Dice dice, TensorType type, int features, int outputs, int trees, bool rows)
    {
        _dice = dice;
        _type = type;
        _features = features;
        _outputs = outputs;
        _rows = rows;
        _start = dice.Ints(outputs, -1000, 1000);
        for (int i = 0; i < 20; i++)
        {
            _thresholds.Add(Number());
        }

        _thresholds.Sort();
        for (int i = 0; i < trees; i++)
        {
            _trees.Add((rows ? 0 : dice.Between(0, outputs - 1), Grow(dice.Between(0, 6))));
        }
    }

    public int FeatureBits { get; init; } = 3;

    public int ThresholdBits => Math.Max(_type == TensorType.Int8 ? 8 : 5, 16 - FeatureBits);

    public int[] Parameters => [_trees.Count, _type == TensorType.Int8 ? 0 : _thresholds.Count, FeatureBits, ThresholdBits, _rows ? RowCount : 0];

    private static int RowCount => 9;

    public double[] RandomInput() => [.. Enumerable.Range(0, _features).Select(_ => _dice.Coin() ? Number() : _thresholds[_dice.Between(0, _thresholds.Count - 1)])];

    public SingleOperator Single(double[] input, Func<int[], int[]>? spoil = null)
    {
        Nodes(out List<int> entries, out List<int> nodes);
        int[] biases = [.. _start, .. entries, .. _type == TensorType.Int8 ? [] : _thresholds.Select(Key), .. nodes];
        sbyte[] weights = _rows ? [.. Rows().SelectMany(r => r).SelectMany(v => new[] { (sbyte)v, (sbyte)(v >> 8) })] : [];
        return new SingleOperator().Input(_type, [1, _features], Bytes(input)).Output(TensorType.Int32, 1, _outputs)
            .Operator(OperatorKind.TreeEnsemble, Parameters, weights, spoil?.Invoke(biases) ?? biases);
    }

    public int[] Expected(double[] input)
    {
        int[] sums = [.. _start];
        foreach ((int output, Question root) in _trees)
        {
            Question at = root;
            while (at.Left is not null)
            {
                at = input[at.Feature] <= _thresholds[at.Value] ? at.Left : at.Right!;
            }

            for (int i = 0; i < _outputs; i++)
            {
                sums[i] += _rows ? Rows()[at.Value][i] : i == output ? at.Value : 0;
            }
        }

        return sums;
    }

    private int[][] Rows() => [.. Enumerable.Range(0, RowCount).Select(r => Enumerable.Range(0, _outputs).Select(i => (((r * 7919) + (i * 104_729)) % 65_536) - 32_768).ToArray())];

    private double Number() => _type switch
    {
        TensorType.Int8 => _dice.Between(-128, 127),
        TensorType.Int16 => _dice.Between(-32_768, 32_767),
        _ => (float)((_dice.Between(-1000, 1000) / 7.0) * Math.Pow(10, _dice.Between(-3, 3))),
    };

    private Question Grow(int depth) => depth == 0 || _dice.Between(0, 5) == 0
        ? new Question(0, _rows ? _dice.Between(0, RowCount - 1) : _dice.Between(-32_768, 32_767), null, null)
        : new Question(_dice.Between(0, _features - 1), _dice.Between(0, _thresholds.Count - 1), Grow(depth - 1), Grow(depth - 1));

    private void Nodes(out List<int> entries, out List<int> nodes)
    {
        entries = [];
        nodes = [];
        foreach ((int output, Question root) in _trees)
        {
            entries.Add(nodes.Count | (output << 20));
            Write(root, nodes);
        }
    }

    private void Write(Question question, List<int> nodes)
    {
        int bits = FeatureBits + ThresholdBits;
        if (question.Left is null)
        {
            nodes.Add(question.Value & ((1 << bits) - 1));
            return;
        }

        int at = nodes.Count;
        nodes.Add(0);
        Write(question.Left, nodes);
        int distance = nodes.Count - at;
        Write(question.Right!, nodes);
        int threshold = _type == TensorType.Int8 ? (int)_thresholds[question.Value] & ((1 << ThresholdBits) - 1) : question.Value;
        nodes[at] = question.Feature | (threshold << FeatureBits) | (distance << bits);
    }

    private int Key(double threshold)
    {
        if (_type != TensorType.Float32)
        {
            return (int)threshold;
        }

        int bits = BitConverter.SingleToInt32Bits((float)threshold);
        return bits ^ ((bits >> 31) & int.MaxValue);
    }

    private byte[] Bytes(double[] input) => [.. input.SelectMany(x => _type switch
    {
        TensorType.Int8 => [(byte)(sbyte)x],
        TensorType.Int16 => BitConverter.GetBytes((short)x),
        _ => BitConverter.GetBytes((float)x),
    })];

    /// <summary>A leaf where Left is null; Value is a threshold's index, or what a leaf gives.</summary>
    private sealed record Question(int Feature, int Value, Question? Left, Question? Right);
}
