namespace TinyInference.Tests.KernelTests;

[TestClass]
public class RecurrentCellTest
{
    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    public void Random_cells_equal_the_reference(int gates) => Dice.Throw(150, dice => new RecurrentCase(dice, gates).Check(dice, isPacked: false));

    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    public void Packed_weights_give_the_same(int gates) => Dice.Throw(80, dice => new RecurrentCase(dice, gates).Check(dice, isPacked: true));
}
