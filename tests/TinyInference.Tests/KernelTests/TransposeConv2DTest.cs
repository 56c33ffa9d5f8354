namespace TinyInference.Tests.KernelTests;

[TestClass]
public class TransposeConv2DTest
{
    [TestMethod]
    public void Random_convolutions_equal_the_reference() => Dice.Throw(500, dice => Compare(dice, ConvolutionCase.Random(dice, dice.Coin() ? 1 : dice.Between(2, 3))));

    [TestMethod]
    public void Many_output_channels_go_in_chunks() => Dice.Throw(20, dice =>
        Compare(dice, ConvolutionCase.Random(dice, 1) with { Outputs = dice.Between(63, 150), Height = 3, Width = 3 }));

    /// <summary>The reference scatters as TensorFlow Lite does; the kernel gathers.</summary>
    private static void Compare(Dice dice, ConvolutionCase c)
    {
        int[] xs = [c.Batch, c.Height, c.Width, c.Channels];
        int[] ys = [c.Batch, c.OutputHeight, c.OutputWidth, c.Outputs];
        int groupInputs = c.Channels / c.Groups;
        int groupOutputs = c.Outputs / c.Groups;
        int[] ws = [c.Outputs, c.KernelH, c.KernelW, groupInputs];
        sbyte[] x = dice.Int8s(Reference.Size(xs));
        ConvolutionData data = ConvolutionData.Random(dice, c.Outputs, c.KernelH * c.KernelW * groupInputs, Reference.Size(ws));
        var sums = new int[Reference.Size(ys)];
        foreach (int[] at in Reference.Indices(xs))
        {
            int value = x[Reference.At(xs, at)] - c.ZpX;
            foreach (int[] k in Reference.Indices([c.KernelH, c.KernelW, groupOutputs]))
            {
                int row = (at[1] * c.StrideH) - c.PadTop + (k[0] * c.DilationH);
                int column = (at[2] * c.StrideW) - c.PadLeft + (k[1] * c.DilationW);
                int output = (at[3] / groupInputs * groupOutputs) + k[2];
                if (row >= 0 && row < c.OutputHeight && column >= 0 && column < c.OutputWidth)
                {
                    sums[Reference.At(ys, at[0], row, column, output)] += value * data.Weights[Reference.At(ws, output, k[0], k[1], at[3] % groupInputs)];
                }
            }
        }

        sbyte[] expected = [.. sums.Select((sum, i) => data.Requantize(c, sum + data.Biases[i % c.Outputs], i % c.Outputs))];
        sbyte[] actual = new SingleOperator().Input(xs, x).Output(ys)
            .Operator(OperatorKind.TransposeConv2D, [.. c.Parameters, c.Groups], data.Weights, data.Biases, data.Multipliers, data.Shifts).Run();
        CollectionAssert.AreEqual(expected, actual, c.ToString());
    }
}
