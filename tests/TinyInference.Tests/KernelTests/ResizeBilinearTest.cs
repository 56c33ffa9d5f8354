namespace TinyInference.Tests.KernelTests;

[TestClass]
public class ResizeBilinearTest
{
    [TestMethod]
    public void Random_sizes_equal_the_reference() => Dice.Throw(500, dice =>
    {
        int[] xs = [dice.Between(1, 2), dice.Between(1, 6), dice.Between(1, 6), dice.Between(1, 5)];
        int[] ys = [xs[0], dice.Between(1, 13), dice.Between(1, 13), xs[3]];
        int coordinates = dice.Between(0, 2);
        (int Scaled, int Lower, int Upper)[] rows = Axis(xs[1], ys[1], coordinates);
        (int Scaled, int Lower, int Upper)[] columns = Axis(xs[2], ys[2], coordinates);
        sbyte[] x = dice.Int8s(Reference.Size(xs));
        sbyte[] expected = [.. Reference.Indices(ys).Select(i =>
        {
            (int y, int y0, int y1) = rows[i[1]];
            (int z, int x0, int x1) = columns[i[2]];
            long At(int row, int column) => x[Reference.At(xs, i[0], row, column, i[3])];
            long sum = (At(y0, x0) * (1024 - (y - (1024 * y0))) * (1024 - (z - (1024 * x0))))
                + (At(y1, x0) * (y - (1024 * y0)) * (1024 - (z - (1024 * x0))))
                + (At(y0, x1) * (1024 - (y - (1024 * y0))) * (z - (1024 * x0)))
                + (At(y1, x1) * (y - (1024 * y0)) * (z - (1024 * x0)));
            return (sbyte)((sum + (sum > 0 ? 1 << 19 : -(1 << 19))) / (1 << 20));
        })];

        int[] sources = [.. rows.Concat(columns).SelectMany(s => new[] { s.Lower, s.Upper, s.Scaled - (1024 * s.Lower) })];
        sbyte[] actual = new SingleOperator().Input(xs, x).Output(ys).Operator(OperatorKind.ResizeBilinear, [], biases: sources).Run();
        CollectionAssert.AreEqual(expected, actual, $"{string.Join('x', xs)} to {string.Join('x', ys)}, coordinates {coordinates}");
    });

    /// <summary>As ResizeBilinearInteger of TensorFlow Lite computes them; coordinates 0 asymmetric, 1 half pixel, 2 corners aligned.</summary>
    private static (int Scaled, int Lower, int Upper)[] Axis(int input, int output, int coordinates)
    {
        int scale = ((1024 * input) + (output / 2)) / output;
        if (coordinates == 2 && output > 1)
        {
            scale = ((1024 * (input - 1)) + ((output - 1) / 2)) / (output - 1);
        }

        return [.. Enumerable.Range(0, output).Select(i =>
        {
            int scaled = coordinates == 1 ? (i * scale) + (scale / 2) - 512 : i * scale;
            return (scaled, Math.Max(scaled / 1024, 0), Math.Min((scaled + 1023) / 1024, input - 1));
        })];
    }
}
