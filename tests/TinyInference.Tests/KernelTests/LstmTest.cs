namespace TinyInference.Tests.KernelTests;

[TestClass]
public class LstmTest
{
    [TestMethod]
    public void Random_cells_equal_the_reference() => Dice.Throw(150, dice => new RecurrentCase(dice, 4).Check(dice, isPacked: false));

    [TestMethod]
    public void Packed_weights_give_the_same() => Dice.Throw(80, dice => new RecurrentCase(dice, 4).Check(dice, isPacked: true));

    [TestMethod]
    public void A_state_that_is_none_is_refused()
    {
        var single = new SingleOperator();
        single.Input([1, 1, 1], [0]).Input([1, 1], [0]).Input([1, 1], [0]).Output(1, 1, 1);
        single.Operator(OperatorKind.UnidirectionalSequenceLstm, [1, 1, 1, 1, 0, 0, 0, 0, 0, 11, 0, 0, 0, 0, 0], new sbyte[8], new int[8], new int[8], new int[8]);
        single.IsRefused(BlobError.Shape);
    }
}
