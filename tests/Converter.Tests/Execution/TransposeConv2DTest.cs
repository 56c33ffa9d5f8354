using TinyInference.Converter.Graphs;

namespace Converter.Tests.Execution;

[TestClass]
public class TransposeConv2DTest
{
    [TestMethod]
    public void Each_input_element_adds_its_kernel_to_the_output() => RandomCases.ForAll(random =>
    {
        int groups = random.Next(1, 3);
        int depth = random.Next(1, 4);
        int groupOutputs = random.Next(1, 5);
        var input = new Shape(random.Next(1, 3), random.Next(1, 6), random.Next(1, 6), groups * depth);
        Window window = Windows.Random(random);
        var shape = new Shape(
            input[0],
            Math.Max(1, ((input[1] - 1) * window.StrideH) + window.KernelH - window.PadTop - window.PadBottom + random.Next(2)),
            Math.Max(1, ((input[2] - 1) * window.StrideW) + window.KernelW - window.PadLeft - window.PadRight),
            groups * groupOutputs);
        Tensor x = random.RandomTensor(input);
        Tensor weights = random.RandomTensor(new Shape(shape[3], window.KernelH, window.KernelW, depth));
        Tensor bias = random.RandomTensor(new Shape(shape[3]));
        float[] expected = new float[shape.ElementCount];
        Windows.ForEachElement(shape, (_, _, _, o, i) => expected[i] = bias.Floats[o]);
        Windows.ForEachElement(input, (n, h, w, c, i) => Windows.ForEachTap(window, shape, h, w, (oh, ow, tap) =>
        {
            for (int j = 0; j < groupOutputs; j++)
            {
                int o = (c / depth * groupOutputs) + j;
                expected[Windows.Offset(shape, n, oh, ow, o)] += x.Floats[i] * weights.Floats[(((o * window.KernelH * window.KernelW) + tap) * depth) + (c % depth)];
            }
        }));

        Tensor y = OneNode.Run(new TransposeConv2D(window, groups, Clamp.None), shape, x, weights, bias);

        CollectionAssert.AreEqual(expected, y.Floats);
    });
}
