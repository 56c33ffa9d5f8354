namespace TinyInference.Tests.KernelTests;

/// <summary>A random pooling operator, run and compared.</summary>
internal static class PoolCase
{
    /// <param name="dice">Source of the numbers.</param>
    /// <param name="kind">Which pooling.</param>
    /// <param name="reduce">Elements of the window that are inside the input, to the result before the clamp.</param>
    public static void Compare(Dice dice, OperatorKind kind, Func<List<int>, int> reduce)
    {
        int[] xs = [dice.Between(1, 2), dice.Between(1, 9), dice.Between(1, 9), dice.Between(1, 9)];
        (int kernelH, int strideH, int padTop, int outH) = Axis(dice, xs[1]);
        (int kernelW, int strideW, int padLeft, int outW) = Axis(dice, xs[2]);
        int[] ys = [xs[0], outH, outW, xs[3]];
        (int min, int max) = dice.Clamp();
        sbyte[] x = dice.Int8s(Reference.Size(xs));
        var expected = new sbyte[Reference.Size(ys)];
        foreach (int[] at in Reference.Indices(ys))
        {
            var window = new List<int>();
            foreach (int[] k in Reference.Indices([kernelH, kernelW]))
            {
                int row = (at[1] * strideH) - padTop + k[0];
                int column = (at[2] * strideW) - padLeft + k[1];
                if (row >= 0 && row < xs[1] && column >= 0 && column < xs[2])
                {
                    window.Add(x[Reference.At(xs, at[0], row, column, at[3])]);
                }
            }

            expected[Reference.At(ys, at)] = Reference.Clamp(reduce(window), min, max);
        }

        sbyte[] actual = new SingleOperator().Input(xs, x).Output(ys)
            .Operator(kind, [kernelH, kernelW, strideH, strideW, padTop, padLeft, min, max]).Run();
        CollectionAssert.AreEqual(expected, actual);
    }

    private static (int Kernel, int Stride, int Pad, int Output) Axis(Dice dice, int extent)
    {
        int kernel = dice.Between(1, 10);
        int stride = dice.Between(1, 3);
        int pad = dice.Between(0, kernel - 1);
        return (kernel, stride, pad, dice.Between(1, ((extent - 1 + pad) / stride) + 1));
    }
}
