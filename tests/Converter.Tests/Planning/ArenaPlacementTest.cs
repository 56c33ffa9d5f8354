using TinyInference.Converter.Planning;

namespace Converter.Tests.Planning;

[TestClass]
public class ArenaPlacementTest
{
    [TestMethod]
    public void Buffers_alive_together_never_overlap() => RandomCases.ForAll(random =>
    {
        BufferRequest[] buffers = Buffers(random);

        int[] offsets = ArenaPlacement.Place(buffers);

        for (int i = 0; i < buffers.Length; i++)
        {
            Assert.AreEqual(0, offsets[i] % buffers[i].Alignment);
            for (int j = 0; j < i; j++)
            {
                bool overlap = offsets[i] < offsets[j] + buffers[j].Bytes && offsets[j] < offsets[i] + buffers[i].Bytes;
                Assert.IsFalse(overlap && buffers[i].LivesWith(buffers[j]), $"{buffers[i]} at {offsets[i]} and {buffers[j]} at {offsets[j]}");
            }
        }
    }, 50);

    [TestMethod]
    public void The_same_buffers_get_the_same_places() => RandomCases.ForAll(random =>
    {
        BufferRequest[] buffers = Buffers(random);
        CollectionAssert.AreEqual(ArenaPlacement.Place(buffers), ArenaPlacement.Place(buffers));
    }, 5);

    [TestMethod]
    public void A_search_meets_the_lower_bound_where_the_largest_first_does_not()
    {
        BufferRequest[] buffers = [new(6, 1, 0, 1), new(4, 1, 1, 2), new(5, 1, 2, 3), new(3, 1, 3, 4), new(5, 1, 4, 5), new(4, 1, 0, 0), new(2, 1, 3, 3)];
        int[] offsets = ArenaPlacement.Place(buffers);
        Assert.AreEqual(ArenaPlacement.LowerBound(buffers), buffers.Select((b, i) => offsets[i] + b.Bytes).Max());
    }

    private static BufferRequest[] Buffers(Random random)
    {
        var buffers = new BufferRequest[random.Next(1, 12)];
        for (int i = 0; i < buffers.Length; i++)
        {
            int first = random.Next(-1, 10);
            bool isInt32 = random.Next(4) == 0;
            buffers[i] = new BufferRequest(random.Next(1, 50) * (isInt32 ? 4 : 1), isInt32 ? 4 : 1, first, first + random.Next(0, 4));
        }

        return buffers;
    }
}
