namespace TinyInference.Converter.Planning;

/// <summary>
/// Gives buffers offsets such that no two conflict (<see cref="BufferConflicts"/>), in as few bytes as it finds. Greedy by several orders (Pisarchyk and Lee, Efficient Memory Management for
/// Deep Neural Net Inference, 2020, section 5); where none meets the lower bound, random changes of the best order, with a fixed seed and a bounded number of tries.
/// </summary>
internal static class ArenaPlacement
{
    /// <summary>Comparisons of two buffers that a full search may take.</summary>
    public const long FullSearch = 6_000_000;

    /// <summary>Likewise where many programs are compared with each other.</summary>
    public const long QuickSearch = 60_000;

    /// <param name="bound">No placement can do with fewer bytes: one that needs no more ends the search.</param>
    /// <param name="mostComparisons">Of two buffers, that the search may take.</param>
    /// <returns>An offset for each buffer, a multiple of its alignment.</returns>
    public static int[] Place(IReadOnlyList<ArenaBuffer> buffers, BufferConflicts conflicts, int bound, long mostComparisons = FullSearch)
    {
        int[][] orders = [.. Orders(buffers)];
        int[] best = [];
        int[] bestOrder = [];
        long bestEnd = long.MaxValue;
        long comparisons = 0;
        foreach (int[] order in orders)
        {
            Try(order);
        }

        // A linear congruential generator (Knuth's MMIX constants): the same blob on every machine and version.
        ulong random = 42;
        while (bestEnd > bound && comparisons < mostComparisons)
        {
            int[] order = (int[])bestOrder.Clone();
            for (int swaps = 1 + Next(3); swaps > 0; swaps--)
            {
                int i = Next(order.Length);
                int j = Next(order.Length);
                (order[i], order[j]) = (order[j], order[i]);
            }

            Try(order);
        }

        return best;

        int Next(int below)
        {
            random = (random * 6364136223846793005) + 1442695040888963407;
            return (int)((random >> 33) % (ulong)below);
        }

        void Try(int[] order)
        {
            int[] offsets = PlaceInOrder(buffers, conflicts, order, ref comparisons);
            long end = 0;
            for (int i = 0; i < offsets.Length; i++)
            {
                end = Math.Max(end, (long)offsets[i] + buffers[i].Bytes);
            }

            // Equal is taken too: a walk over a plateau finds more than standing still.
            if (end <= bestEnd)
            {
                (best, bestOrder, bestEnd) = (offsets, order, end);
            }
        }
    }

    private static IEnumerable<int[]> Orders(IReadOnlyList<ArenaBuffer> buffers)
    {
        int[] indices = [.. Enumerable.Range(0, buffers.Count)];
        int Length(int i) => buffers[i].Last - buffers[i].First + 1;
        yield return [.. indices.OrderByDescending(i => buffers[i].Bytes).ThenByDescending(Length)];
        yield return [.. indices.OrderByDescending(Length).ThenByDescending(i => buffers[i].Bytes)];
        yield return [.. indices.OrderByDescending(i => (long)buffers[i].Bytes * Length(i))];
        yield return [.. indices.OrderBy(i => buffers[i].First).ThenByDescending(i => buffers[i].Bytes)];

        // An output that overwrites its input begins before it: from the last one on, each finds its place behind.
        yield return [.. indices.OrderByDescending(i => buffers[i].First).ThenByDescending(i => buffers[i].Bytes)];
    }

    /// <summary>Each buffer in turn into the smallest gap between those already placed, else after them.</summary>
    private static int[] PlaceInOrder(IReadOnlyList<ArenaBuffer> buffers, BufferConflicts conflicts, int[] order, ref long comparisons)
    {
        var offsets = new int[buffers.Count];
        Array.Fill(offsets, -1);
        var forbidden = new List<(int Low, int High)>();
        foreach (int index in order)
        {
            forbidden.Clear();
            comparisons++;
            foreach ((int other, Displacements[] ranges) in conflicts.Of(index))
            {
                comparisons += ranges.Length;
                if (offsets[other] >= 0)
                {
                    foreach (Displacements range in ranges)
                    {
                        forbidden.Add((offsets[other] + range.Low, checked(offsets[other] + range.High)));
                    }
                }
            }

            forbidden.Sort();
            int alignment = buffers[index].Alignment;
            int start = 0;
            int bestOffset = -1;
            int bestGap = int.MaxValue;
            foreach ((int low, int high) in forbidden)
            {
                // From "start" to "low" it may lie; the room that it would leave over counts.
                int aligned = Align(start, alignment);
                if (aligned <= low && low - start < bestGap)
                {
                    (bestOffset, bestGap) = (aligned, low - start);
                }

                start = Math.Max(start, high);
            }

            offsets[index] = bestOffset >= 0 ? bestOffset : checked(Align(start, alignment));
        }

        return offsets;
    }

    private static int Align(int offset, int alignment) => (offset + alignment - 1) / alignment * alignment;
}
