using TinyInference.Converter.Graphs;

namespace Converter.Tests.Execution;

[TestClass]
public class Conv2DTest
{
    [TestMethod]
    public void Equals_the_definition() => RandomCases.ForAll(random =>
    {
        int groups = random.Next(1, 4);
        int depth = random.Next(1, 6);
        int outputs = groups * random.Next(1, 9);
        var input = new Shape(random.Next(1, 3), random.Next(4, 10), random.Next(4, 10), groups * depth);
        Window window = Windows.Random(random);
        var shape = new Shape(input[0], window.OutputHeight(input[1]), window.OutputWidth(input[2]), outputs);
        var weights = new Tensor(new Shape(outputs, window.KernelH, window.KernelW, depth), random.Floats(outputs * window.KernelH * window.KernelW * depth));
        Tensor? bias = random.Next(3) == 0 ? null : new Tensor(new Shape(outputs), random.Floats(outputs));
        var x = new Tensor(input, random.Floats(input.ElementCount));
        Clamp clamp = random.Next(2) == 0 ? Clamp.Relu6 : Clamp.None;

        Tensor y = OneNode.Run(new Conv2D(window, groups, clamp), shape, x, weights, bias);

        Windows.ForEachElement(shape, (n, h, w, o, i) =>
        {
            float sum = bias?.Floats[o] ?? 0;
            Windows.ForEachTap(window, input, h, w, (ih, iw, tap) =>
            {
                for (int c = 0; c < depth; c++)
                {
                    sum += x.Floats[Windows.Offset(input, n, ih, iw, (o / (outputs / groups) * depth) + c)]
                        * weights.Floats[(((o * window.KernelH * window.KernelW) + tap) * depth) + c];
                }
            });
            Assert.AreEqual(clamp.Apply(sum), y.Floats[i]);
        });
    });
}
