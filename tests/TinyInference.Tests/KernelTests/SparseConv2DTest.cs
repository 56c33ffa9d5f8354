namespace TinyInference.Tests.KernelTests;

/// <summary>CONV_2D from sparse tables against the same reference as the plain kernel.</summary>
[TestClass]
public class SparseConv2DTest
{
    [TestMethod]
    [DataRow(WeightEncoding.Sparse)]
    [DataRow(WeightEncoding.SparseBlocks)]
    public void Random_convolutions_equal_the_reference(int encoding) => Dice.Throw(1000, dice =>
    {
        ConvolutionCase c = ConvolutionCase.Random(dice, dice.Coin() ? 1 : dice.Between(2, 3));
        Compare(dice.Between(0, 2) == 0 ? c with { Channels = c.Groups * dice.Between(30, 80) } : c, encoding, patch: true);
    });

    [TestMethod]
    [DataRow(WeightEncoding.Sparse)]
    [DataRow(WeightEncoding.SparseBlocks)]
    public void Pointwise_convolutions_need_no_patch(int encoding) => Dice.Throw(300, dice =>
    {
        ConvolutionCase c = ConvolutionCase.Random(dice, 1) with { KernelH = 1, KernelW = 1, PadTop = 0, PadLeft = 0, Channels = dice.Between(1, 300) };
        Compare(c with { OutputHeight = ((c.Height - 1) / c.StrideH) + 1, OutputWidth = ((c.Width - 1) / c.StrideW) + 1 }, encoding, patch: false);
    });

    [TestMethod]
    public void A_Relu_with_any_zero_point_equals_the_reference() => Dice.Throw(300, dice =>
    {
        ConvolutionCase c = ConvolutionCase.Random(dice, 1);
        Compare(c with { Min = c.ZpY, Max = dice.Between(c.ZpY, 127) }, WeightEncoding.SparseBlocks, patch: true);
    });

    [TestMethod]
    public void Too_little_scratch_is_refused()
    {
        ConvolutionCase c = ConvolutionCase.Random(new Dice(3), 1);
        SingleOperator single = Single(new Dice(3), c, 4, 60, true, WeightEncoding.SparseBlocks, out _, out _);
        single.Blob.Scratch64--;
        single.IsRefused(BlobError.Parameter);
        single.Blob.Scratch64++;
        single.Blob.Scratch32--;
        single.IsRefused(BlobError.Parameter);
    }

    private static void Compare(ConvolutionCase c, int encoding, bool patch)
    {
        Dice dice = c.Dice;

        // Any tile works, and any span up to 63 entries (PackedConv2DTest says why).
        int tile = dice.Between(1, 20);
        int span = dice.Between(8, 63);
        sbyte[] actual = Single(dice, c, tile, span, patch, encoding, out sbyte[] x, out ConvolutionData data).Run();
        CollectionAssert.AreEqual(Conv2DTest.Expected(c, x, data), actual, $"{c} tile {tile} span {span}");
    }

    private static SingleOperator Single(Dice dice, ConvolutionCase c, int tile, int span, bool patch, int encoding, out sbyte[] x, out ConvolutionData data)
    {
        int window = c.KernelH * c.KernelW * (c.Channels / c.Groups);
        int width = encoding == WeightEncoding.SparseBlocks ? 3 : 1;
        x = dice.Int8s(c.Batch * c.Height * c.Width * c.Channels);
        data = ConvolutionData.Random(dice, c.Outputs, window, c.Outputs * window);
        SparseTable.Prune(dice, data.Weights, window, width);
        int[] folded = [.. data.Biases];
        for (int i = 0; i < data.Weights.Length; i++)
        {
            folded[i / window] -= c.ZpX * data.Weights[i];
        }

        var single = new SingleOperator();
        single.Input([c.Batch, c.Height, c.Width, c.Channels], x).Output(c.Batch, c.OutputHeight, c.OutputWidth, c.Outputs);
        int patchOffset = patch ? single.Blob.Reserve(window * tile) : -1;
        single.Blob.Scratch32 = 8 + ((width + 1) * tile);
        single.Blob.Scratch64 = 8 + tile;
        int[] parameters = [.. c.Parameters, c.Groups, patchOffset, tile];
        return single.Operator(
            OperatorKind.Conv2D, width == 3 ? [.. parameters, span] : parameters, SparseTable.Encode(data.Weights, window, c.Groups, width),
            folded, data.Multipliers, data.Shifts, encoding);
    }
}
