namespace TinyInference.Tests.KernelTests;

[TestClass]
public class SparseFullyConnectedTest
{
    [TestMethod]
    [DataRow(WeightEncoding.Sparse)]
    [DataRow(WeightEncoding.SparseBlocks)]
    public void Random_layers_equal_the_reference(int encoding) => Dice.Throw(1000, dice => FullyConnectedTest.Compare(dice, encoding));
}
