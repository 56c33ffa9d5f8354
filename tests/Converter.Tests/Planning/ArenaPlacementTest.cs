using TinyInference.Converter.Planning;

namespace Converter.Tests.Planning;

[TestClass]
public class ArenaPlacementTest
{
    [TestMethod]
    public void Pieces_in_use_together_never_overlap() => RandomCases.ForAll(random =>
    {
        ArenaBuffer[] buffers = Buffers(random);

        int[] offsets = Place(buffers, 0);

        for (int i = 0; i < buffers.Length; i++)
        {
            Assert.AreEqual(0, offsets[i] % buffers[i].Alignment);
            for (int j = 0; j < i; j++)
            {
                foreach ((BufferPiece a, BufferPiece b) in buffers[i].Pieces.SelectMany(a => buffers[j].Pieces.Select(b => (a, b))))
                {
                    bool overlap = offsets[i] + a.From < offsets[j] + b.To && offsets[j] + b.From < offsets[i] + a.To;
                    Assert.IsFalse(overlap && a.First <= b.Last && b.First <= a.Last, $"{a} at {offsets[i]} and {b} at {offsets[j]}");
                }
            }
        }
    }, 50);

    [TestMethod]
    public void The_same_buffers_get_the_same_places() => RandomCases.ForAll(random =>
    {
        ArenaBuffer[] buffers = Buffers(random);
        CollectionAssert.AreEqual(Place(buffers, 0), Place(buffers, 0));
    }, 5);

    [TestMethod]
    public void A_search_meets_the_lower_bound_where_the_largest_first_does_not()
    {
        ArenaBuffer[] buffers = [Buffer(6, 1, 0, 1), Buffer(4, 1, 1, 2), Buffer(5, 1, 2, 3), Buffer(3, 1, 3, 4), Buffer(5, 1, 4, 5), Buffer(4, 1, 0, 0), Buffer(2, 1, 3, 3)];
        int[] offsets = Place(buffers, 10);
        Assert.AreEqual(10, buffers.Select((b, i) => offsets[i] + b.Bytes).Max());
    }

    [TestMethod]
    public void Rows_that_nobody_reads_any_more_make_room_for_others()
    {
        // Two halves: the first is read at step 1, the second at step 2; what is written there takes their place.
        var source = new ArenaBuffer("source", 20, 1);
        var target = new ArenaBuffer("target", 10, 1);
        source.UseAll(0);
        source.Use(1, 0, 10);
        source.Use(2, 10, 10);
        target.Use(2, 0, 5);
        target.Use(3, 0, 10);
        int[] offsets = Place([source, target], 0);
        Assert.AreEqual(20, Math.Max(offsets[0] + 20, offsets[1] + 10));
    }

    [TestMethod]
    public void An_output_begins_at_the_guard_before_what_it_overwrites()
    {
        ArenaBuffer[] buffers = [Buffer(20, 1, 0, 1), Buffer(20, 1, 1, 2)];
        int[] offsets = ArenaPlacement.Place(buffers, BufferConflicts.Create(buffers, [new Overlay(1, 0, 0, 20, 1, 0, 20, 3)]), 23);
        Assert.AreEqual(3, offsets[0] - offsets[1]);
    }

    private static int[] Place(ArenaBuffer[] buffers, int bound) => ArenaPlacement.Place(buffers, BufferConflicts.Create(buffers, []), bound, 200_000);

    private static ArenaBuffer[] Buffers(Random random)
    {
        var buffers = new ArenaBuffer[random.Next(1, 12)];
        for (int i = 0; i < buffers.Length; i++)
        {
            int first = random.Next(-1, 10);
            int size = random.Next(4) == 0 ? 4 : 1;
            int bytes = random.Next(1, 50) * size;
            buffers[i] = Buffer(bytes, size, first, first + random.Next(0, 4));
            for (int rows = random.Next(3); rows > 0; rows--)
            {
                int from = random.Next(bytes);
                buffers[i].Use(random.Next(-1, 12), from, random.Next(1, bytes - from + 1));
            }
        }

        return buffers;
    }

    private static ArenaBuffer Buffer(int bytes, int alignment, int first, int last)
    {
        var buffer = new ArenaBuffer("buffer", bytes, alignment);
        buffer.UseAll(first);
        buffer.UseAll(last);
        return buffer;
    }
}
