using TinyInference.Converter.Data;
using TinyInference.Converter.Graphs;

namespace Converter.Tests.Data;

[TestClass]
public class DatasetTest
{
    [TestMethod]
    public void The_same_seed_gives_the_same_split_with_all_classes_in_both_parts()
    {
        Dataset dataset = Series(100, i => i % 10 == 0 ? 1 : 0);
        (Dataset kept, Dataset held) = dataset.Split(0.2, seed: 7);
        Assert.AreEqual(80, kept.Count);
        Assert.AreEqual(20, held.Count);
        Assert.AreEqual(2, held.Labels!.Count(label => label == 1));
        CollectionAssert.AreEqual(Values(held), Values(dataset.Split(0.2, seed: 7).HeldOut));
        CollectionAssert.AreNotEqual(Values(held), Values(dataset.Split(0.2, seed: 8).HeldOut));
        CollectionAssert.AreEquivalent(Values(dataset), Values(kept).Concat(Values(held)).ToArray());
    }

    [TestMethod]
    public void Split_by_blocks_keeps_neighbours_together()
    {
        (Dataset kept, Dataset held) = Series(100, _ => 0).SplitByBlocks(0.25, blocks: 8);
        CollectionAssert.AreEqual(Enumerable.Range(38, 12).Concat(Enumerable.Range(88, 12)).Select(i => (float)i).ToArray(), Values(held));
        Assert.AreEqual(76, kept.Count);
    }

    [TestMethod]
    public void Subsets_of_subsets_keep_labels_with_their_samples()
    {
        Dataset dataset = Series(10, i => i).Subset([9, 7, 5, 3]).Subset([1, 3]);
        CollectionAssert.AreEqual(new[] { 7f, 3f }, Values(dataset));
        CollectionAssert.AreEqual(new[] { 7, 3 }, dataset.Labels);
        CollectionAssert.AreEqual(new[] { 7f }, Values(dataset.Take(1)));
        Assert.AreEqual(2, dataset.Take(5).Count);
    }

    private static Dataset Series(int count, Func<int, int> label) =>
        new("series", new FloatSamples([.. Enumerable.Range(0, count).Select(i => (float)i)], 1), new Shape(1), DataKind.Real)
        {
            Labels = [.. Enumerable.Range(0, count).Select(label)],
        };

    private static float[] Values(Dataset dataset)
    {
        var values = new float[dataset.Count];
        for (int i = 0; i < values.Length; i++)
        {
            dataset.Read(i, values.AsSpan(i, 1));
        }

        return values;
    }
}
