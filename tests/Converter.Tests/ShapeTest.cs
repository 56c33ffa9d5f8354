using TinyInference.Converter.Graphs;

namespace Converter.Tests;

[TestClass]
public class ShapeTest
{
    [TestMethod]
    public void Strides_are_those_of_C_order()
    {
        CollectionAssert.AreEqual(new[] { 12, 4, 1 }, new Shape(2, 3, 4).Strides());
        Assert.AreEqual(24, new Shape(2, 3, 4).ElementCount);
        Assert.AreEqual("2x3x4", new Shape(2, 3, 4).ToString());
    }
}
