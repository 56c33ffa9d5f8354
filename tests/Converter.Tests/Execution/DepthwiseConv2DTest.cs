using TinyInference.Converter.Graphs;

namespace Converter.Tests.Execution;

[TestClass]
public class DepthwiseConv2DTest
{
    [TestMethod]
    public void Equals_the_definition() => RandomCases.ForAll(random =>
    {
        int multiplier = random.Next(1, 4);
        var input = new Shape(random.Next(1, 3), random.Next(4, 9), random.Next(4, 9), random.Next(1, 20));
        int outputs = input[3] * multiplier;
        Window window = Windows.Random(random);
        var shape = new Shape(input[0], window.OutputHeight(input[1]), window.OutputWidth(input[2]), outputs);
        Tensor x = random.RandomTensor(input);
        Tensor weights = random.RandomTensor(new Shape(1, window.KernelH, window.KernelW, outputs));
        Tensor? bias = random.Next(3) == 0 ? null : random.RandomTensor(new Shape(outputs));
        Clamp clamp = random.Next(2) == 0 ? Clamp.Relu : Clamp.None;

        Tensor y = OneNode.Run(new DepthwiseConv2D(window, clamp), shape, x, weights, bias);

        Windows.ForEachElement(shape, (n, h, w, o, i) =>
        {
            float sum = bias?.Floats[o] ?? 0;
            Windows.ForEachTap(window, input, h, w, (ih, iw, tap) => sum += x.Floats[Windows.Offset(input, n, ih, iw, o / multiplier)] * weights.Floats[(tap * outputs) + o]);
            Assert.AreEqual(clamp.Apply(sum), y.Floats[i]);
        });
    });
}
