namespace TinyInference.Tests.KernelTests;

[TestClass]
public class Depthwise3x3Test
{
    [TestMethod]
    public void Random_convolutions_equal_the_reference() => Dice.Throw(1000, dice => DepthwiseConv2DTest.Compare(dice, Random(dice), 1, WeightEncoding.Packed));

    [TestMethod]
    public void A_Relu_equals_the_reference() => Dice.Throw(1000, dice =>
    {
        ConvolutionCase c = Random(dice);
        DepthwiseConv2DTest.Compare(dice, c with { Min = c.ZpY, Max = dice.Between(c.ZpY, 127) }, 1, WeightEncoding.Packed);
    });

    private static ConvolutionCase Random(Dice dice) =>
        ConvolutionCase.Random(dice, 1) with { KernelH = 3, KernelW = 3, DilationH = 1, DilationW = 1 };
}
