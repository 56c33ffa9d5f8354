namespace TinyInference.Tests.KernelTests;

[TestClass]
public class Conv2DTest
{
    [TestMethod]
    public void Random_convolutions_equal_the_reference() => Dice.Throw(600, dice => Compare(ConvolutionCase.Random(dice, dice.Coin() ? 1 : dice.Between(2, 3))));

    [TestMethod]
    public void Windows_that_are_runs_of_the_input_need_no_patch() => Dice.Throw(300, dice =>
    {
        ConvolutionCase c = ConvolutionCase.Random(dice, 1) with { PadTop = 0, PadLeft = 0 };
        c = dice.Between(0, 2) switch
        {
            0 => c with { KernelH = 1, KernelW = 1 },
            1 => c with { KernelH = 1, DilationW = 1, KernelW = dice.Between(1, c.Width) },
            _ => c with { DilationH = 1, DilationW = 1, KernelW = c.Width, KernelH = dice.Between(1, c.Height) },
        };
        Compare(c with { OutputHeight = ((c.Height - c.KernelH) / c.StrideH) + 1, OutputWidth = ((c.Width - c.KernelW) / c.StrideW) + 1 }, patch: false);
    });

    [TestMethod]
    public void Many_output_channels_go_in_chunks() => Dice.Throw(20, dice =>
        Compare(ConvolutionCase.Random(dice, 1) with { Outputs = dice.Between(63, 200), Height = 4, Width = 4, OutputHeight = 2, OutputWidth = 3 }));

    [TestMethod]
    public void A_window_that_leaves_the_input_needs_a_patch()
    {
        ConvolutionCase c = ConvolutionCase.Random(new Dice(1), 1) with { KernelH = 1, KernelW = 1, PadTop = 0, PadLeft = 0, Height = 4, OutputHeight = 5, StrideH = 1 };
        Single(new Dice(1), c, patch: false, out _, out _).IsRefused(BlobError.Parameter);
    }

    private static void Compare(ConvolutionCase c, bool patch = true)
    {
        sbyte[] actual = Single(c.Dice, c, patch, out sbyte[] x, out ConvolutionData data).Run();
        CollectionAssert.AreEqual(Expected(c, x, data), actual, c.ToString());
    }

    private static SingleOperator Single(Dice dice, ConvolutionCase c, bool patch, out sbyte[] x, out ConvolutionData data)
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
        int patchOffset = patch ? single.Blob.Reserve(window) : -1;
        single.Blob.Scratch32 = Math.Min(64, c.Outputs);
        return single.Operator(
            OperatorKind.Conv2D, [.. c.Parameters, c.Groups, patchOffset], data.Weights, folded, data.Multipliers, data.Shifts);
    }

    internal static sbyte[] Expected(ConvolutionCase c, sbyte[] x, ConvolutionData data)
    {
        int[] xs = [c.Batch, c.Height, c.Width, c.Channels];
        int[] ys = [c.Batch, c.OutputHeight, c.OutputWidth, c.Outputs];
        int groupInputs = c.Channels / c.Groups;
        int[] ws = [c.Outputs, c.KernelH, c.KernelW, groupInputs];
        var y = new sbyte[Reference.Size(ys)];
        foreach (int[] at in Reference.Indices(ys))
        {
            int group = at[3] / (c.Outputs / c.Groups);
            int sum = 0;
            foreach (int[] k in Reference.Indices([c.KernelH, c.KernelW, groupInputs]))
            {
                int row = (at[1] * c.StrideH) - c.PadTop + (k[0] * c.DilationH);
                int column = (at[2] * c.StrideW) - c.PadLeft + (k[1] * c.DilationW);
                if (row >= 0 && row < c.Height && column >= 0 && column < c.Width)
                {
                    int value = x[Reference.At(xs, at[0], row, column, (group * groupInputs) + k[2])];
                    sum += data.Weights[Reference.At(ws, at[3], k[0], k[1], k[2])] * (value - c.ZpX);
                }
            }

            y[Reference.At(ys, at)] = data.Requantize(c, sum + data.Biases[at[3]], at[3]);
        }

        return y;
    }
}
