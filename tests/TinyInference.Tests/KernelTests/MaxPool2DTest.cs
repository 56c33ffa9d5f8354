namespace TinyInference.Tests.KernelTests;

[TestClass]
public class MaxPool2DTest
{
    [TestMethod]
    public void Random_pools_equal_the_reference() => Dice.Throw(600, dice => PoolCase.Compare(dice, OperatorKind.MaxPool2D, window => window.Max()));
}
