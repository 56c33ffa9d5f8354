using TinyInference.Converter.Graphs;

namespace Converter.Tests.Execution;

[TestClass]
public class Pool2DTest
{
    [TestMethod]
    public void Equals_the_definition() => RandomCases.ForAll(
        random =>
        {
            var input = new Shape(random.Next(1, 3), random.Next(4, 9), random.Next(4, 9), random.Next(1, 20));
            Window window = Windows.Random(random);
            var shape = new Shape(input[0], window.OutputHeight(input[1]), window.OutputWidth(input[2]), input[3]);
            Tensor x = random.RandomTensor(input);
            bool countPadding = random.Next(2) == 0;
            var function = (PoolFunction)random.Next(2);

            Tensor y = OneNode.Run(new Pool2D(function, window, countPadding, Clamp.Relu), shape, x);

            var expected = new float[shape.ElementCount];
            Windows.ForEachElement(shape, (n, h, w, c, i) =>
            {
                var covered = new List<float>();
                Windows.ForEachTap(window, input, h, w, (ih, iw, _) => covered.Add(x.Floats[Windows.Offset(input, n, ih, iw, c)]));
                int divisor = countPadding ? window.KernelH * window.KernelW : covered.Count;
                expected[i] = Math.Max(0, covered.Count == 0 ? 0 : function == PoolFunction.Max ? covered.Max() : covered.Sum() / divisor);
            });
            OneNode.AssertClose(expected, y);
        });

    [TestMethod]
    public void Elements_beyond_the_padding_never_count()
    {
        var x = new Tensor(new Shape(1, 1, 3, 1), new[] { 1f, 2, 3 });
        var pool = new Pool2D(PoolFunction.Average, new Window(1, 2, 1, 2), CountPadding: true, Clamp.None);
        OneNode.AssertClose([1.5f, 3], OneNode.Run(pool, new Shape(1, 1, 2, 1), x));
    }
}
