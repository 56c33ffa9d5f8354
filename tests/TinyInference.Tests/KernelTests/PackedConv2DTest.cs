namespace TinyInference.Tests.KernelTests;

/// <summary>CONV_2D with packed sums, windows in place and gathered, against the same reference as the plain kernel.</summary>
[TestClass]
public class PackedConv2DTest
{
    [TestMethod]
    public void Random_convolutions_equal_the_reference() => Dice.Throw(1500, dice =>
    {
        ConvolutionCase c = ConvolutionCase.Random(dice, dice.Coin() ? 1 : dice.Between(2, 3));
        Compare(dice.Coin() ? c with { Channels = c.Groups * dice.Between(8, 40) } : c);
    });

    [TestMethod]
    public void Pointwise_convolutions_equal_the_reference() => Dice.Throw(300, dice =>
    {
        ConvolutionCase c = ConvolutionCase.Random(dice, 1) with { KernelH = 1, KernelW = 1, PadTop = 0, PadLeft = 0, StrideH = 1, StrideW = 1, Channels = dice.Between(1, 70) };
        Compare(c with { OutputHeight = c.Height, OutputWidth = c.Width });
    });

    [TestMethod]
    public void A_Relu_with_any_zero_point_equals_the_reference() => Dice.Throw(500, dice =>
    {
        ConvolutionCase c = ConvolutionCase.Random(dice, 1);
        Compare(c with { Min = c.ZpY, Max = dice.Between(c.ZpY, 127) });
    });

    [TestMethod]
    public void Too_little_scratch_is_refused()
    {
        SingleOperator single = Single(new Dice(3), ConvolutionCase.Random(new Dice(3), 1), 4, 60, false, out _, out _);
        single.Blob.Scratch64 = 4 + 15;
        single.IsRefused(BlobError.Parameter);
    }

    private static void Compare(ConvolutionCase c)
    {
        Dice dice = c.Dice;

        // Any tile works, and any span up to the terms that are sure to stay exact: 2^20 / (128 * 128) = 64, one less since 2^20 itself is too much.
        int tile = dice.Between(1, 20);
        int span = dice.Between(16, 63);
        sbyte[] actual = Single(dice, c, tile, span, dice.Coin(), out sbyte[] x, out ConvolutionData data).Run();
        CollectionAssert.AreEqual(Conv2DTest.Expected(c, x, data), actual, $"{c} tile {tile} span {span}");
    }

    private static SingleOperator Single(Dice dice, ConvolutionCase c, int tile, int span, bool patch, out sbyte[] x, out ConvolutionData data)
    {
        int window = c.KernelH * c.KernelW * (c.Channels / c.Groups);
        x = dice.Int8s(c.Batch * c.Height * c.Width * c.Channels);
        data = ConvolutionData.Random(dice, c.Outputs, window, c.Outputs * window);
        int[] folded = [.. data.Biases];
        for (int i = 0; i < data.Weights.Length; i++)
        {
            folded[i / window] -= c.ZpX * data.Weights[i];
        }

        var single = new SingleOperator();
        single.Input([c.Batch, c.Height, c.Width, c.Channels], x).Output(c.Batch, c.OutputHeight, c.OutputWidth, c.Outputs);
        int patchOffset = patch ? single.Blob.Reserve(window * tile) : -1;
        single.Blob.Scratch32 = 3 * tile;
        single.Blob.Scratch64 = 16 + tile;
        return single.Operator(
            OperatorKind.Conv2D, [.. c.Parameters, c.Groups, patchOffset, tile, span], data.Weights, folded, data.Multipliers, data.Shifts, WeightEncoding.Packed);
    }
}
