using TinyInference.Converter.Graphs;

namespace Converter.Tests.Execution;

[TestClass]
public class ResizeTest
{
    [TestMethod]
    [DataRow(nameof(ResizeCoordinates.Asymmetric), nameof(NearestRounding.Floor), new[] { 1f, 1, 2, 2 })]
    [DataRow(nameof(ResizeCoordinates.Asymmetric), nameof(NearestRounding.Ceil), new[] { 1f, 2, 2, 2 })]
    [DataRow(nameof(ResizeCoordinates.HalfPixel), nameof(NearestRounding.RoundPreferFloor), new[] { 1f, 1, 2, 2 })]
    [DataRow(nameof(ResizeCoordinates.AlignCorners), nameof(NearestRounding.RoundPreferCeil), new[] { 1f, 1, 2, 2 })]
    [DataRow(nameof(ResizeCoordinates.Asymmetric), nameof(NearestRounding.RoundPreferFloor), new[] { 1f, 1, 2, 2 })]
    [DataRow(nameof(ResizeCoordinates.Asymmetric), nameof(NearestRounding.RoundPreferCeil), new[] { 1f, 2, 2, 2 })]
    public void Nearest(string coordinates, string rounding, float[] expected)
        => OneNode.AssertClose(expected, Widen(new Resize(ResizeFunction.Nearest, Enum.Parse<ResizeCoordinates>(coordinates), Enum.Parse<NearestRounding>(rounding)), 4));

    [TestMethod]
    [DataRow(nameof(ResizeCoordinates.Asymmetric), new[] { 1f, 1.5f, 2, 2 })]
    [DataRow(nameof(ResizeCoordinates.HalfPixel), new[] { 1f, 1.25f, 1.75f, 2 })]
    [DataRow(nameof(ResizeCoordinates.AlignCorners), new[] { 1f, 4f / 3, 5f / 3, 2 })]
    public void Bilinear(string coordinates, float[] expected)
        => OneNode.AssertClose(expected, Widen(new Resize(ResizeFunction.Bilinear, Enum.Parse<ResizeCoordinates>(coordinates), NearestRounding.Floor), 4));

    [TestMethod]
    public void One_element_lies_at_0_or_in_the_middle()
    {
        OneNode.AssertClose([1.5f], Widen(new Resize(ResizeFunction.Bilinear, ResizeCoordinates.HalfPixel, NearestRounding.Floor), 1));
        OneNode.AssertClose([1], Widen(new Resize(ResizeFunction.Bilinear, ResizeCoordinates.PytorchHalfPixel, NearestRounding.Floor), 1));
        OneNode.AssertClose([1], Widen(new Resize(ResizeFunction.Bilinear, ResizeCoordinates.AlignCorners, NearestRounding.Floor), 1));
    }

    [TestMethod]
    public void A_stated_scale_wins_over_the_quotient_of_sizes()
        => OneNode.AssertClose([1, 1.4f, 1.8f], Widen(new Resize(ResizeFunction.Bilinear, ResizeCoordinates.Asymmetric, NearestRounding.Floor, 1, 2.5f), 3));

    [TestMethod]
    public void Bilinear_of_a_plane_is_the_plane()
    {
        // x(h, w, c) = 10 h + w + 100 c, sampled at quarter steps inside the image.
        var shape = new Shape(1, 3, 3, 2);
        var x = new Tensor(shape, new float[18]);
        Windows.ForEachElement(shape, (_, h, w, c, i) => x.Floats[i] = (10 * h) + w + (100 * c));
        var output = new Shape(1, 9, 9, 2);

        Tensor y = OneNode.Run(new Resize(ResizeFunction.Bilinear, ResizeCoordinates.AlignCorners, NearestRounding.Floor), output, x);

        Windows.ForEachElement(output, (_, h, w, c, i) => Assert.AreEqual((2.5f * h) + (w / 4f) + (100 * c), y.Floats[i], 1e-4f));
    }

    /// <summary>Resizes the row (1, 2).</summary>
    private static Tensor Widen(Resize op, int width)
        => OneNode.Run(op, new Shape(1, 1, width, 1), new Tensor(new Shape(1, 1, 2, 1), new[] { 1f, 2 }));
}
