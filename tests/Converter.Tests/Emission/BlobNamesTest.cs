using System.Text;
using TinyInference.Converter.Emission;

namespace Converter.Tests.Emission;

[TestClass]
public class BlobNamesTest
{
    [TestMethod]
    public void A_short_name_stays() => Assert.AreEqual("conv/Relu", BlobNames.Shorten("conv/Relu"));

    [TestMethod]
    public void Of_a_fused_name_the_last_components_of_the_first_stay() =>
        StringAssert.StartsWith(BlobNames.Shorten("model/activation/Relu;model/bn/FusedBatchNormV3;model/conv2d/BiasAdd"), "activation/Relu~");

    [TestMethod]
    public void Names_are_at_most_31_bytes_and_unique()
    {
        string[] names = ["a", "a", new string('x', 100), new string('x', 101), new string('\u20AC', 40), "", "q;", "a#2"];
        string[] shortened = BlobNames.ShortenAll(names);
        Assert.AreEqual(names.Length, shortened.Distinct().Count());
        Assert.IsTrue(shortened.All(n => Encoding.UTF8.GetByteCount(n) <= BlobNames.MostBytes));
    }
}
