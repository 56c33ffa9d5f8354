namespace TinyInference.Tests.KernelTests;

[TestClass]
public class DepthwiseConv2DTest
{
    [TestMethod]
    public void Random_convolutions_equal_the_reference() => Dice.Throw(600, dice => Compare(dice, ConvolutionCase.Random(dice, 1), dice.Between(1, 3)));

    [TestMethod]
    public void Many_channels_go_in_chunks() => Dice.Throw(20, dice =>
        Compare(dice, ConvolutionCase.Random(dice, 1) with { Channels = dice.Between(50, 100) }, dice.Between(1, 3)));

    internal static void Compare(Dice dice, ConvolutionCase c, int multiplier, int encoding = WeightEncoding.Dense)
    {
        int outputs = c.Channels * multiplier;
        int[] xs = [c.Batch, c.Height, c.Width, c.Channels];
        int[] ys = [c.Batch, c.OutputHeight, c.OutputWidth, outputs];
        int[] ws = [c.KernelH, c.KernelW, outputs];
        sbyte[] x = dice.Int8s(Reference.Size(xs));
        ConvolutionData data = ConvolutionData.Random(dice, outputs, c.KernelH * c.KernelW, Reference.Size(ws));
        int[] folded = [.. data.Biases];
        for (int i = 0; i < data.Weights.Length; i++)
        {
            folded[i % outputs] -= c.ZpX * data.Weights[i];
        }

        var expected = new sbyte[Reference.Size(ys)];
        foreach (int[] at in Reference.Indices(ys))
        {
            int sum = 0;
            foreach (int[] k in Reference.Indices([c.KernelH, c.KernelW]))
            {
                int row = (at[1] * c.StrideH) - c.PadTop + (k[0] * c.DilationH);
                int column = (at[2] * c.StrideW) - c.PadLeft + (k[1] * c.DilationW);
                if (row >= 0 && row < c.Height && column >= 0 && column < c.Width)
                {
                    sum += data.Weights[Reference.At(ws, k[0], k[1], at[3])] * (x[Reference.At(xs, at[0], row, column, at[3] / multiplier)] - c.ZpX);
                }
            }

            expected[Reference.At(ys, at)] = data.Requantize(c, sum + data.Biases[at[3]], at[3]);
        }

        SingleOperator single = new SingleOperator().Input(xs, x).Output(ys)
            .Operator(OperatorKind.DepthwiseConv2D, [.. c.Parameters, multiplier], data.Weights, folded, data.Multipliers, data.Shifts, encoding);
        CollectionAssert.AreEqual(expected, single.Run(), $"{c}, multiplier {multiplier}");
    }
}
