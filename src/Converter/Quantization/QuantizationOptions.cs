namespace TinyInference.Converter.Quantization;

/// <summary>How the range of an activation follows from what it was seen to be.</summary>
internal enum ObserverKind
{
    /// <summary>From the smallest to the largest element of all samples.</summary>
    MinMax,

    /// <summary>The smallest and largest of each sample, averaged with exponentially falling weight.</summary>
    MovingAverage,

    /// <summary>Leaves out a part of the elements at either end.</summary>
    Percentile,

    /// <summary>The range that gives the least squared error of quantization.</summary>
    MeanSquaredError,
}

/// <summary>What weights share one scale.</summary>
internal enum WeightGranularity
{
    /// <summary>All weights of the network.</summary>
    PerNetwork,

    /// <summary>The weights of an operator.</summary>
    PerTensor,

    /// <summary>
    /// The weights of an output channel. Those of FullyConnected share one, as TensorFlow Lite's int8 specification has it, unless
    /// that would round them too coarsely.
    /// </summary>
    PerChannel,
}

/// <summary>What activations share one scale and zero point.</summary>
internal enum ActivationGranularity
{
    /// <summary>All activations of the network, but those whose operator prescribes a scale.</summary>
    PerNetwork,

    /// <summary>Each by itself, but those that an operator only moves or selects from.</summary>
    PerTensor,
}

/// <summary>How a float network becomes an int8 one.</summary>
internal sealed record QuantizationOptions
{
    public static readonly QuantizationOptions Default = new();

    public ObserverKind Observer { get; init; } = ObserverKind.MeanSquaredError;

    /// <summary>For <see cref="ObserverKind.Percentile"/>: the part of the elements in percent that stays inside the range.</summary>
    public double Percentile { get; init; } = 99.99;

    /// <summary>For <see cref="ObserverKind.MovingAverage"/>: the weight of each new sample.</summary>
    public double AveragingConstant { get; init; } = 0.01;

    public WeightGranularity Weights { get; init; } = WeightGranularity.PerChannel;

    public ActivationGranularity Activations { get; init; } = ActivationGranularity.PerTensor;

    /// <summary>Scales of activations are chosen for each input, where the runtime can: <see cref="DynamicQuantizer"/>.</summary>
    public bool DynamicScales { get; init; }

    /// <summary>Sigmoid as clip(0.2 x + 0.5, 0, 1) and Tanh as clip(x, -1, 1).</summary>
    public bool HardForms { get; init; }

    /// <summary>Whether biases take back the mean effect of rounded weights (<see cref="ChannelMeans"/>).</summary>
    public bool CorrectBiases { get; init; } = true;

    /// <summary>Samples run at the same time.</summary>
    public int Threads { get; init; } = 2;
}
