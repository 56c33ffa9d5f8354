namespace TinyInference.Tests.KernelTests;

[TestClass]
public class PackedFullyConnectedTest
{
    [TestMethod]
    public void Random_layers_equal_the_reference() => Dice.Throw(1000, dice => FullyConnectedTest.Compare(dice, WeightEncoding.Packed));

    [TestMethod]
    public void Weights_from_a_stream_are_the_same()
    {
        sbyte[] weights = [1, -2, 3, 4, 5, -6];
        var single = new SingleOperator();
        single.Input([1, 3], new sbyte[] { 7, -8, 9 }).Output(1, 2);
        single.Blob.Scratch32 = 3;
        single.Blob.Scratch64 = 17;
        single.Operator(OperatorKind.FullyConnected, [3, 0, -128, 127, 1, 32], PackedWeights.Of(weights, 2, 3), [0, 10], [1 << 30], [1], WeightEncoding.Packed);
        foreach (bool keep in new[] { false, true })
        {
            Model model = Model.Load(new MemoryStream(single.Build()), keep);
            var session = new Session(model);
            session.SetInput(0, [7, -8, 9]);
            session.Run();
            var y = new sbyte[2];
            session.GetOutput(0, y);
            CollectionAssert.AreEqual(new sbyte[] { 7 + 16 + 27, 28 - 40 - 54 + 10 }, y);
        }
    }
}
