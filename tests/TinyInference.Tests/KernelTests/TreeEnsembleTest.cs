namespace TinyInference.Tests.KernelTests;

[TestClass]
public class TreeEnsembleTest
{
    private const int Outputs = 3;
    private const int Trees = 4;

    [TestMethod]
    [DataRow(TensorType.Int8)]
    [DataRow(TensorType.Int16)]
    [DataRow(TensorType.Float32)]
    public void Random_ensembles_equal_the_reference(TensorType type) => Dice.Throw(300, dice =>
    {
        var trees = new TreeCase(dice, type, dice.Between(1, 8), dice.Between(1, 5), dice.Between(1, 6), dice.Coin());
        for (int i = 0; i < 5; i++)
        {
            double[] input = trees.RandomInput();
            int[] expected = trees.Expected(input);

            sbyte[] bytes = trees.Single(input).Run();

            CollectionAssert.AreEqual(expected, expected.Select((_, o) => BitConverter.ToInt32((byte[])(object)bytes, 4 * o)).ToArray());
        }
    });

    [TestMethod]
    public void Nodes_that_lead_outside_or_back_are_refused()
    {
        int nodes = Outputs + Trees;

        // A child behind the end; a feature that is not there; a distance that runs into the next tree.
        Refused(b => { b[^1] = 1 << 16; return b; });
        Refused(b => { b[nodes] = 7 | (1 << 16); return b; });
        Refused(b => { b[nodes] = int.MinValue; return b; });
    }

    [TestMethod]
    public void Trees_that_are_not_one_behind_the_other_are_refused()
    {
        Refused(b => { b[Outputs] = 1; return b; });
        Refused(b => { b[Outputs + 1] = 0; return b; });
        Refused(b => { b[Outputs + Trees - 1] = 0xFFFFF; return b; });
        Refused(b => { b[Outputs] |= Outputs << 20; return b; });
        Refused(b => b[..(Outputs + Trees)]);
    }

    private static void Refused(Func<int[], int[]> spoil)
    {
        var trees = new TreeCase(new Dice(7), TensorType.Int8, 5, Outputs, Trees, rows: false);
        trees.Single(trees.RandomInput(), spoil).IsRefused(BlobError.Weights);
    }
}
