namespace TinyInference.Tests.KernelTests;

[TestClass]
public class AveragePool2DTest
{
    [TestMethod]
    public void Random_pools_equal_the_reference() => Dice.Throw(600, dice => PoolCase.Compare(dice, OperatorKind.AveragePool2D, window =>
    {
        int sum = window.Sum();
        return sum > 0 ? (sum + (window.Count / 2)) / window.Count : (sum - (window.Count / 2)) / window.Count;
    }));

    [TestMethod]
    public void A_window_wholly_in_the_padding_is_refused()
    {
        var single = new SingleOperator();
        single.Input([1, 2, 2, 1], new sbyte[4]).Output(1, 2, 2, 1).Operator(OperatorKind.AveragePool2D, [2, 2, 1, 1, 2, 0, -128, 127]);
        single.IsRefused(BlobError.Parameter);
    }
}
