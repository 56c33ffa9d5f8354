namespace TinyInference.Tests.KernelTests;

/// <summary>Shapes and parameters of one of the convolutions.</summary>
internal sealed record ConvolutionCase
{
    public required Dice Dice { get; init; }

    public int Batch { get; init; }

    public int Height { get; init; }

    public int Width { get; init; }

    public int Channels { get; init; }

    public int OutputHeight { get; init; }

    public int OutputWidth { get; init; }

    public int Outputs { get; init; }

    public int Groups { get; init; }

    public int KernelH { get; init; }

    public int KernelW { get; init; }

    public int StrideH { get; init; }

    public int StrideW { get; init; }

    public int DilationH { get; init; }

    public int DilationW { get; init; }

    public int PadTop { get; init; }

    public int PadLeft { get; init; }

    public int ZpX { get; init; }

    public int ZpY { get; init; }

    public int Min { get; init; }

    public int Max { get; init; }

    /// <summary>The first 12 parameters in the blob.</summary>
    public int[] Parameters => [KernelH, KernelW, StrideH, StrideW, DilationH, DilationW, PadTop, PadLeft, ZpX, ZpY, Min, Max];

    public static ConvolutionCase Random(Dice dice, int groups)
    {
        (int min, int max) = dice.Clamp();
        return new ConvolutionCase
        {
            Dice = dice,
            Batch = dice.Between(1, 2),
            Height = dice.Between(1, 8),
            Width = dice.Between(1, 8),
            Channels = groups * dice.Between(1, 11),
            OutputHeight = dice.Between(1, 6),
            OutputWidth = dice.Between(1, 6),
            Outputs = groups * dice.Between(1, 5),
            Groups = groups,
            KernelH = dice.Between(1, 4),
            KernelW = dice.Between(1, 4),
            StrideH = dice.Between(1, 3),
            StrideW = dice.Between(1, 3),
            DilationH = dice.Between(1, 2),
            DilationW = dice.Between(1, 2),
            PadTop = dice.Between(0, 3),
            PadLeft = dice.Between(0, 3),
            ZpX = dice.Int8(),
            ZpY = dice.Int8(),
            Min = min,
            Max = max,
        };
    }
}

/// <summary>Weights, biases (not folded) and quantization of a layer.</summary>
internal sealed record ConvolutionData(sbyte[] Weights, int[] Biases, int[] Multipliers, int[] Shifts)
{
    /// <param name="dice">Source of the numbers.</param>
    /// <param name="outputs">Output channels.</param>
    /// <param name="terms">Products that are summed for each result.</param>
    /// <param name="weights">Count of weights.</param>
    public static ConvolutionData Random(Dice dice, int outputs, int terms, int weights)
    {
        int quantization = dice.Coin() ? 1 : outputs;
        int bits = 13 + (int)(Math.Log2(terms) / 2);
        return new ConvolutionData(
            dice.Int8s(weights),
            dice.Ints(outputs, -30000, 30000),
            [.. Enumerable.Range(0, quantization).Select(_ => dice.Multiplier())],
            [.. Enumerable.Range(0, quantization).Select(_ => dice.Shift(bits))]);
    }

    public sbyte Requantize(ConvolutionCase c, int sum, int channel) => Requantize(sum, channel, c.ZpY, c.Min, c.Max);

    public sbyte Requantize(int sum, int channel, int zpY, int min, int max)
    {
        int q = Multipliers.Length == 1 ? 0 : channel;
        return Reference.Clamp(unchecked(Reference.MultiplyByQuantizedMultiplier(sum, Multipliers[q], Shifts[q]) + zpY), min, max);
    }
}
