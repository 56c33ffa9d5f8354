namespace TinyInference.IlMeter;

using TinyInference.Converter.Graphs;

/// <summary>Networks that need no data: the layers of the usual small ones, with random weights.</summary>
internal static class SmallNetworks
{
    /// <summary>Fully connected layers, of multiples of 8 and others.</summary>
    public static Graph Mlp() => new QuantizedNetwork("small-mlp", 1, 1, 24).Dense(64).Dense(33).Dense(4, relu: false).Softmax();

    /// <summary>Depthwise and pointwise convolutions.</summary>
    public static Graph DsCnn() => new QuantizedNetwork("small-dscnn", 2, 1, 25, 10, 1)
        .Conv(16, 4, 2).Depthwise().Conv(24, 1).Depthwise(2).Conv(32, 1).Pool(PoolFunction.Average, 3).Dense(12, relu: false).Softmax();

    /// <summary>Standard convolutions, and what stands between them: pools, sums, joins, tables, means.</summary>
    public static Graph ResNet()
    {
        QuantizedNetwork network = new QuantizedNetwork("small-resnet", 3, 1, 16, 16, 3).Conv(12, 5).Pool(PoolFunction.Max, 2);
        Value before = network.Last;
        return network.Conv(12, 3).Conv(12, 3).Plus(before).Join(before).Tanh().Conv(20, 3, 2).Mean().Dense(10, relu: false).Softmax();
    }

    /// <summary>Layer normalization of rows as long as those of small networks, and shorter ones.</summary>
    public static Graph Norm() => new QuantizedNetwork("small-norm", 6, 1, 10, 24).Dense(64, relu: false).Norm().Dense(16, relu: false).Norm().Dense(4, relu: false).Softmax();

    /// <summary>LeNet-300-100, of whose weights <paramref name="kept"/> is left.</summary>
    /// <param name="together">Pruned in blocks of so many output channels.</param>
    public static Graph LeNet300(double kept, int together) => new QuantizedNetwork("lenet300", 4, 1, 784)
        .Pruned(kept, together).Dense(300).Dense(100).Dense(10, relu: false).Softmax();

    /// <summary>LeNet-5's convolutions, of whose weights <paramref name="kept"/> is left.</summary>
    /// <param name="together">Pruned in blocks of so many output channels.</param>
    public static Graph LeNet5(double kept, int together) => new QuantizedNetwork("lenet5", 5, 1, 24, 24, 1)
        .Pruned(kept, together).Conv(20, 5).Pool(PoolFunction.Max, 2).Conv(50, 5).Pool(PoolFunction.Max, 2).Mean().Dense(10, relu: false).Softmax();
}
