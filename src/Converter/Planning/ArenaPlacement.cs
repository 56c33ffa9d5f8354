namespace TinyInference.Converter.Planning;

/// <summary>What needs a place in the arena: bytes in use from step First to step Last, both inclusive.</summary>
internal readonly record struct BufferRequest(int Bytes, int Alignment, int First, int Last)
{
    public bool LivesWith(BufferRequest other) => First <= other.Last && other.First <= Last;
}

/// <summary>
/// Gives buffers offsets such that those alive at the same time do not overlap, in as few bytes as it finds. Greedy by several
/// orders (Pisarchyk and Lee, Efficient Memory Management for Deep Neural Net Inference, 2020, section 5); where
/// none meets the lower bound, random changes of the best order, with a fixed seed and a bounded number of tries.
/// </summary>
internal static class ArenaPlacement
{
    /// <summary>Comparisons of two buffers that the search may take.</summary>
    private const long MostComparisons = 20_000_000;

    /// <summary>The most bytes alive at any step: no placement can do with fewer.</summary>
    public static int LowerBound(IReadOnlyList<BufferRequest> buffers)
    {
        var changes = new SortedDictionary<int, long>();
        foreach (BufferRequest buffer in buffers)
        {
            changes[buffer.First] = changes.GetValueOrDefault(buffer.First) + buffer.Bytes;
            changes[buffer.Last + 1] = changes.GetValueOrDefault(buffer.Last + 1) - buffer.Bytes;
        }

        long live = 0;
        long most = 0;
        foreach (long change in changes.Values)
        {
            live += change;
            most = Math.Max(most, live);
        }

        return checked((int)most);
    }

    /// <returns>An offset for each buffer, a multiple of its alignment.</returns>
    public static int[] Place(IReadOnlyList<BufferRequest> buffers)
    {
        int bound = LowerBound(buffers);
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
        while (bestEnd > bound && comparisons < MostComparisons)
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
            int[] offsets = PlaceInOrder(buffers, order);
            comparisons += 1 + ((long)order.Length * order.Length);
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

    private static IEnumerable<int[]> Orders(IReadOnlyList<BufferRequest> buffers)
    {
        int[] indices = [.. Enumerable.Range(0, buffers.Count)];
        int Length(int i) => buffers[i].Last - buffers[i].First + 1;
        yield return [.. indices.OrderByDescending(i => buffers[i].Bytes).ThenByDescending(Length)];
        yield return [.. indices.OrderByDescending(Length).ThenByDescending(i => buffers[i].Bytes)];
        yield return [.. indices.OrderByDescending(i => (long)buffers[i].Bytes * Length(i))];
        yield return [.. indices.OrderBy(i => buffers[i].First).ThenByDescending(i => buffers[i].Bytes)];
    }

    /// <summary>Each buffer in turn into the smallest gap that holds it between those already placed, else after them.</summary>
    private static int[] PlaceInOrder(IReadOnlyList<BufferRequest> buffers, int[] order)
    {
        var offsets = new int[buffers.Count];
        var placed = new List<int>(buffers.Count);
        foreach (int index in order)
        {
            BufferRequest buffer = buffers[index];
            int end = 0;
            int bestOffset = -1;
            int bestGap = int.MaxValue;

            // Those placed are kept in ascending order of offset.
            foreach (int other in placed)
            {
                if (!buffers[other].LivesWith(buffer))
                {
                    continue;
                }

                int start = Align(end, buffer.Alignment);
                int gap = offsets[other] - end;
                if (start <= offsets[other] - buffer.Bytes && gap < bestGap)
                {
                    (bestOffset, bestGap) = (start, gap);
                }

                end = Math.Max(end, offsets[other] + buffers[other].Bytes);
            }

            offsets[index] = bestOffset >= 0 ? bestOffset : checked(Align(end, buffer.Alignment));
            int position = placed.FindIndex(other => offsets[other] > offsets[index]);
            placed.Insert(position < 0 ? placed.Count : position, index);
        }

        return offsets;
    }

    private static int Align(int offset, int alignment) => (offset + alignment - 1) / alignment * alignment;
}
