namespace TinyInference.Tests;

/// <summary>Small valid blobs: one for each operator kind, and a network of several operators.</summary>
internal static class SampleBlobs
{
    private static readonly int[] s_addParameters = [20, 3, 1 << 30, 0, -5, 1 << 30, -1, 7, 1 << 30, -18, -128, 127];
    private static readonly int[] s_window = [3, 2, 2, 1, 1, 2, 1, 1, -7, 4, -128, 120];

    public static IEnumerable<(string Name, byte[] Blob)> All()
    {
        yield return ("network", Network());
        yield return ("state and resources", StateAndResources());
        yield return ("shared weights", SharedWeights());
        int[] image = [1, 5, 4, 6];
        yield return ("conv", Convolution(OperatorKind.Conv2D, [.. s_window, 2, 240], 4, 3 * 2 * 3 * 4));
        yield return ("depthwise", Convolution(OperatorKind.DepthwiseConv2D, [.. s_window, 2], 12, 3 * 2 * 12));
        yield return ("transposed conv", Convolution(OperatorKind.TransposeConv2D, [.. s_window, 2], 4, 3 * 2 * 3 * 4));
        yield return ("pointwise conv", One([image], [1, 5, 4, 3], OperatorKind.Conv2D, [1, 1, 1, 1, 1, 1, 0, 0, 3, 4, -128, 127, 1, -1], 18, 3, 3));
        yield return ("fully connected", One([[2, 15]], [2, 7], OperatorKind.FullyConnected, [15, 3, -100, 100], 105, 7, 1));
        foreach (int width in new[] { 1, 3 })
        {
            yield return ($"sparse fully connected {width}", Sparse(width, false));
            yield return ($"sparse conv {width}", Sparse(width, true));
        }

        yield return ("add", One([[2, 1, 6], [1, 5, 6]], [2, 5, 6], OperatorKind.Add, [.. s_addParameters, 3, 2, 5, 6, 6, 0, 1, 0, 6, 1]));
        yield return ("sub constant", One([[4, 6]], [4, 6], OperatorKind.Sub, [.. s_addParameters, 2, 4, 6, 6, 1, 0, 1], biases: 6));
        yield return ("mul", One([[4, 6], [6]], [4, 6], OperatorKind.Mul, [1, 2, 3, 1 << 30, -5, -128, 127, 2, 4, 6, 6, 1, 0, 1]));
        yield return ("average pool", One([image], [1, 3, 2, 6], OperatorKind.AveragePool2D, [3, 3, 2, 2, 1, 1, -128, 127]));
        yield return ("max pool", One([image], [1, 3, 2, 6], OperatorKind.MaxPool2D, [3, 3, 2, 2, 1, 1, -128, 127]));
        yield return ("mean", One([image], [1, 6], OperatorKind.Mean, [3, 4, 1 << 30, 1, -128, 127, 1, 6, 1, 2, 5, 4, 24, 6]));
        yield return ("pad", One([image], [1, 7, 7, 6], OperatorKind.Pad, [-9, 0, 1, 2, 0]));
        yield return ("concatenation", One([[3, 4], [3, 1], [3, 9]], [3, 14], OperatorKind.Concatenation, [3, 4, 1, 9]));
        yield return ("strided copy", One([image], [6, 2, 3], OperatorKind.StridedCopy, [24, 3, 6, 2, 3, 1, 6, 24]));
        yield return ("lookup", One([image], image, OperatorKind.Lookup, [], 256));
        yield return ("softmax", One([[2, 12]], [2, 12], OperatorKind.Softmax, [2, 12, 1 << 30, 23, -248]));
        yield return ("layer norm", LayerNorm());
        yield return ("resize nearest", One([[1, 2, 2, 3]], [1, 4, 4, 3], OperatorKind.ResizeNearest, [], biases: 8));
        yield return ("resize bilinear", One([[1, 2, 2, 3]], [1, 4, 4, 3], OperatorKind.ResizeBilinear, [], biases: 24));
        yield return ("gather", One([[2, 4, 3]], [2, 5, 3], OperatorKind.Gather, [2, 4, 3, 5], biases: 5));
        yield return ("gather by tensor", Gather());
        yield return ("arg max", ArgMax());
        yield return ("embedding", Embedding());
        yield return ("wide fully connected", WideFullyConnected());
        yield return ("lstm", new KernelTests.RecurrentCase(new Dice(21), 4).Build(false));
        yield return ("packed lstm", new KernelTests.RecurrentCase(new Dice(22), 4).Build(true));
        yield return ("gated unit", new KernelTests.RecurrentCase(new Dice(23), 3).Build(false));
        yield return ("simple cell", new KernelTests.RecurrentCase(new Dice(24), 1).Build(false));
        int[] bounds = [-(1 << 29), 1 << 29];
        yield return ("dynamic fully connected", Dynamic(OperatorKind.DynamicFullyConnected, [2, 15], [2, 7], [15, -128, 0, 1 << 29], 105, 7));
        yield return ("dynamic conv", Dynamic(OperatorKind.DynamicConv2D, [1, 5, 4, 6], [1, 3, 3, 4], [3, 2, 2, 1, 1, 2, 1, 1, -7, 0, .. bounds, 2, 0], 72, 4));
        yield return ("dynamic average pool", Dynamic(OperatorKind.DynamicAveragePool2D, [1, 5, 4, 6], [1, 2, 3, 6], [3, 2, 2, 1, -7, 0, 1 << 30, -2, .. bounds], 0, 0));
        yield return ("dynamic add", Dynamic(OperatorKind.DynamicAdd, [3, 4], [3, 4], [3, 1 << 30, 2, -3, 1 << 30, 1, 0, .. bounds], 0, 0));
        yield return ("fixed scale", Dynamic(OperatorKind.FixScale, [3, 4], [3, 4], [3, 1 << 30, 1, -5, -128, 127], 0, 0));
        yield return ("matrix product", One([[2, 3, 4], [1, 4, 5]], [2, 3, 5], OperatorKind.BatchMatMul, [2, 3, 4, 5, 1, 2, 3, -128, 127, 0, 1], quantization: 1));
        yield return ("trees int8", Trees(TensorType.Int8, rows: false));
        yield return ("trees int16", Trees(TensorType.Int16, rows: true));
        yield return ("trees float32", Trees(TensorType.Float32, rows: true));
    }

    private static byte[] Trees(TensorType type, bool rows)
    {
        var trees = new KernelTests.TreeCase(new Dice(7), type, features: 5, outputs: 3, trees: 4, rows);
        return trees.Single(trees.RandomInput()).Build();
    }

    /// <summary>x [1,8,8,3] through conv, depthwise, lookup, pool, fully connected and softmax, with metadata; weights of three operators.</summary>
    public static byte[] Network()
    {
        var dice = new Dice(42);
        var b = new BlobBuilder();
        b.AddMetadata(Metadata.Name, "sample");
        b.AddMetadata(Metadata.Labels, "no\nyes\nä");
        int x = b.AddTensor(TensorType.Int8, 1, 8, 8, 3);
        int c = b.AddTensor(TensorType.Int8, 1, 4, 4, 8);
        int d = b.AddTensor(TensorType.Int8, 1, 4, 4, 8);
        int pooled = b.AddTensor(TensorType.Int8, 1, 1, 1, 8);
        int y = b.AddTensor(TensorType.Int8, 1, 3);
        int patch = b.Reserve(27);
        b.AddOperator(Layer(dice, OperatorKind.Conv2D, x, c, [3, 3, 2, 2, 1, 1, 0, 0, -3, 5, -128, 127, 1, patch], 8 * 27, 8));
        b.AddOperator(Layer(dice, OperatorKind.DepthwiseConv2D, c, d, [3, 3, 1, 1, 1, 1, 1, 1, 5, -4, -4, 127, 1], 72, 8));
        b.AddOperator(new OperatorRecord(OperatorKind.Lookup, [d], [d]) { Weights = dice.Int8s(256) });
        b.AddOperator(new OperatorRecord(OperatorKind.AveragePool2D, [d], [pooled]) { Parameters = [4, 4, 1, 1, 0, 0, -128, 127] });
        b.AddOperator(Layer(dice, OperatorKind.FullyConnected, pooled, y, [8, 0, -128, 127], 24, 3));
        b.AddOperator(new OperatorRecord(OperatorKind.Softmax, [y], [y]) { Parameters = [1, 3, 1 << 30, 22, -496] });
        return b.Build([x], [y]);
    }

    /// <summary>A state to which each run adds the input; two resources.</summary>
    public static byte[] StateAndResources()
    {
        var b = new BlobBuilder();
        int x = b.AddTensor(TensorType.Int8, 3);
        int state = b.AddState(TensorType.Int8, 0, 3);
        b.AddOperator(new OperatorRecord(OperatorKind.Lookup, [x], [x]) { Weights = [.. Enumerable.Range(-128, 256).Select(i => (sbyte)i)] });
        b.AddOperator(new OperatorRecord(OperatorKind.Add, [x, state], [state]) { Parameters = [20, 0, 1 << 30, 0, 0, 1 << 30, 0, 0, 1 << 30, -18, -128, 127, 1, 3, 1, 1] });
        b.AddResource(77, [1, 2, 3, 4, 5]);
        b.AddResource(Resource.Cells, [6, 7]);
        return b.Build([x], [state]);
    }

    /// <summary>Two halves of x [1,4,3,2] each through the same pointwise convolution and fully connected layers, sparse and packed: three blocks of weights for six operators.</summary>
    public static byte[] SharedWeights()
    {
        var dice = new Dice(13);
        var b = new BlobBuilder { Scratch64 = 17 };
        int x = b.AddTensor(TensorType.Int8, 1, 4, 3, 2);
        int y = b.AddTensor(TensorType.Int8, 6);
        sbyte[] convolution = dice.Int8s(6);
        sbyte[] sparse = KernelTests.SparseTable.Encode([.. dice.Int8s(36).Select((w, i) => i % 2 == 0 ? w : (sbyte)0)], 18, 1, 3);
        var packed = new sbyte[16 * sizeof(long)];
        BitConverter.TryWriteBytes((byte[])(object)packed, 3L + (5L << 21) - (7L << 42));
        int[] dense = [2, 4, -128, 127, 1, 16];
        OperatorRecord first = Layer(dice, OperatorKind.Conv2D, 0, 0, [1, 1, 1, 1, 1, 1, 0, 0, 3, 4, -128, 127, 1, -1], 0, 3);
        for (int half = 0; half < 2; half++)
        {
            int rows = b.AddTensorAt(b.OffsetOf(x) + (12 * half), TensorType.Int8, 1, 2, 3, 2);
            int c = b.AddTensor(TensorType.Int8, 1, 2, 3, 3);
            int s = b.AddTensor(TensorType.Int8, 2);
            int end = b.AddTensorAt(b.OffsetOf(y) + (3 * half), TensorType.Int8, 3);

            // The second convolution has the biases and factors of the first one, the other layers have their own.
            b.AddOperator((half == 0 ? first : new OperatorRecord(first.Kind, [], []) { Parameters = first.Parameters }) with { Inputs = [rows], Outputs = [c], Weights = convolution });
            b.AddOperator(Layer(dice, OperatorKind.FullyConnected, c, s, [18, 3, -128, 127, 60], 0, 2) with { Weights = sparse, Encoding = WeightEncoding.SparseBlocks });
            b.AddOperator(Layer(dice, OperatorKind.FullyConnected, s, end, dense, 0, 3) with { Weights = packed, Encoding = WeightEncoding.Packed });
        }

        return b.Build([x], [y]);
    }

    private static OperatorRecord Layer(Dice dice, OperatorKind kind, int x, int y, int[] parameters, int weights, int channels)
        => new(kind, [x], [y])
        {
            Parameters = parameters,
            Weights = dice.Int8s(weights),
            Biases = dice.Ints(channels, -2000, 2000),
            Multipliers = dice.Ints(channels, 1 << 30, int.MaxValue - 1),
            Shifts = dice.Ints(channels, -9, -6),
        };

    private static byte[] One(
        int[][] inputs, int[] output, OperatorKind kind, int[] parameters, int weights = 0, int biases = 0, int quantization = 0)
    {
        var dice = new Dice((int)kind);
        var single = new SingleOperator();
        foreach (int[] input in inputs)
        {
            single.Input(input, dice.Int8s(Reference.Size(input)));
        }

        return single.Output(output).Operator(
            kind, parameters, dice.Int8s(weights), dice.Ints(biases, 0, 1), dice.Ints(quantization, 1 << 30, int.MaxValue - 1), dice.Ints(quantization, -9, -6)).Build();
    }

    private static byte[] Convolution(OperatorKind kind, int[] parameters, int outputs, int weights)
    {
        var dice = new Dice((int)kind);
        var single = new SingleOperator();
        single.Input([1, 5, 4, 6], dice.Int8s(120)).Output(1, 3, 3, outputs);
        single.Blob.Reserve(128);
        return single.Operator(
            kind, parameters, dice.Int8s(weights), dice.Ints(outputs, -2000, 2000), dice.Ints(outputs, 1 << 30, int.MaxValue - 1), dice.Ints(outputs, -9, -6)).Build();
    }

    /// <summary>A layer of which a third of the weights is left.</summary>
    private static byte[] Sparse(int width, bool isConvolution)
    {
        var dice = new Dice(width);
        int outputs = isConvolution ? 8 : 7;
        int length = isConvolution ? 3 * 2 * 3 : 15;
        sbyte[] weights = [.. dice.Int8s(outputs * length).Select((w, i) => i % length % 3 == i / length / width % 3 ? w : (sbyte)0)];
        int encoding = width == 3 ? WeightEncoding.SparseBlocks : WeightEncoding.Sparse;
        int[] span = width == 3 ? [60] : [];
        var single = new SingleOperator();
        if (isConvolution)
        {
            single.Input([1, 5, 4, 6], dice.Int8s(120)).Output(1, 3, 3, outputs);
        }
        else
        {
            single.Input([2, 15], dice.Int8s(30)).Output(2, 7);
        }

        int patch = single.Blob.Reserve(length * 4);
        single.Blob.Scratch64 = 12;
        return single.Operator(
            isConvolution ? OperatorKind.Conv2D : OperatorKind.FullyConnected,
            isConvolution ? [.. s_window, 2, patch, 4, .. span] : [15, 3, -100, 100, .. span],
            KernelTests.SparseTable.Encode(weights, length, isConvolution ? 2 : 1, width),
            dice.Ints(outputs, -2000, 2000), dice.Ints(outputs, 1 << 30, int.MaxValue - 1), dice.Ints(outputs, -9, -6), encoding).Build();
    }

    /// <summary>An operator between activations whose exponents are states.</summary>
    private static byte[] Dynamic(OperatorKind kind, int[] x, int[] y, int[] parameters, int weights, int channels)
    {
        var dice = new Dice((int)kind);
        var b = new BlobBuilder { Scratch32 = Reference.Size(y) };
        int tx = b.AddTensor(TensorType.Int8, x);
        int other = b.AddTensor(TensorType.Int8, x);
        int[] exponents = [.. Enumerable.Range(0, 3).Select(_ => b.AddState(TensorType.Int8, 1))];
        int ty = b.AddTensor(TensorType.Int8, y);
        if (kind == OperatorKind.DynamicConv2D)
        {
            parameters[13] = b.Reserve(weights / channels);
        }

        int[] inputs = kind switch
        {
            OperatorKind.DynamicAdd => [tx, exponents[0], other, .. exponents[1..]],
            OperatorKind.FixScale => [tx, exponents[0]],
            _ => [tx, .. exponents[..2]],
        };
        b.AddOperator(new OperatorRecord(kind, inputs, [ty])
        {
            Parameters = parameters,
            Weights = dice.Int8s(weights),
            Biases = dice.Ints(2 * channels, -2000, 2000),
            Multipliers = dice.Ints(channels, 1 << 30, int.MaxValue - 1),
            Shifts = dice.Ints(channels, -9, -3),
        });
        return b.Build([tx, other], [ty]);
    }

    private static byte[] Gather()
    {
        var single = new SingleOperator();
        single.Input([2, 4, 3], new Dice(5).Int8s(24)).Input([5], [0, 3, -1, 2, 7]).Output(2, 5, 3);
        return single.Operator(OperatorKind.Gather, [2, 4, 3, 5]).Build();
    }

    private static byte[] LayerNorm()
    {
        var dice = new Dice(8);
        var single = new SingleOperator();
        single.Input([2, 12], dice.Int8s(24)).Output(2, 12);
        return single.Operator(OperatorKind.LayerNorm, [2, 12, 900, 1, 20, -100, 120], biases: [.. dice.Ints(12, 5_000, 32_767), .. dice.Ints(12, -30 << 20, 30 << 20)]).Build();
    }

    private static byte[] Embedding()
    {
        var single = new SingleOperator();
        single.Input([3], [0, 2, 9]).Output(3, 4);
        return single.Operator(OperatorKind.Embedding, [5, 4], new Dice(6).Int8s(20)).Build();
    }

    private static byte[] WideFullyConnected()
    {
        var dice = new Dice(7);
        var single = new SingleOperator();
        single.Input([2, 15], dice.Int8s(30)).Output(TensorType.Int16, 2, 7);
        return single.Operator(OperatorKind.FullyConnected, [15, 0, -20_000, 32_767], dice.Int8s(105), dice.Ints(7, -2000, 2000), [1 << 30], [-1]).Build();
    }

    private static byte[] ArgMax()
    {
        var single = new SingleOperator();
        single.Input([2, 9, 3], new Dice(5).Int8s(54)).Output(TensorType.Int32, 2, 3);
        return single.Operator(OperatorKind.ArgMax, [2, 9, 3, 1, 0]).Build();
    }
}
