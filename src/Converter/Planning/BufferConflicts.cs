namespace TinyInference.Converter.Planning;

/// <summary>At step Step the operator reads bytes of buffer Source from SourceAt on, and may write them to buffer Target from TargetAt on, as long as that is Guard bytes before or more.</summary>
internal readonly record struct Overlay(int Step, int Source, int SourceAt, int SourceBytes, int Target, int TargetAt, int TargetBytes, int Guard)
{
    /// <summary>The most bytes that both can have together.</summary>
    public int MostShared => Math.Max(0, Math.Min(SourceBytes, TargetBytes - Guard));
}

/// <summary>Displacements between Low and High, both exclusive, of one buffer against another.</summary>
internal readonly record struct Displacements(int Low, int High);

/// <summary>
/// Where buffers must not lie against each other. Two that are in use at the same time may not overlap, but their pieces are not in use all the time, and an output may overwrite what its operator
/// has read: what remains is, for each pair, ranges of displacements.
/// </summary>
internal sealed class BufferConflicts
{
    private readonly Dictionary<int, Displacements[]>[] _ranges;

    private BufferConflicts(int count)
    {
        _ranges = new Dictionary<int, Displacements[]>[count];
        for (int i = 0; i < count; i++)
        {
            _ranges[i] = [];
        }
    }

    /// <summary>For each buffer that <paramref name="buffer"/> has a conflict with: forbidden displacements of <paramref name="buffer"/> against that one.</summary>
    public IReadOnlyDictionary<int, Displacements[]> Of(int buffer) => _ranges[buffer];

    /// <param name="buffers">Their pieces.</param>
    /// <param name="overlays">What operators may overwrite while they run.</param>
    public static BufferConflicts Create(IReadOnlyList<ArenaBuffer> buffers, IReadOnlyList<Overlay> overlays)
    {
        var conflicts = new BufferConflicts(buffers.Count);
        ILookup<(int, int), Overlay> byPair = overlays.ToLookup(o => (o.Source, o.Target));
        for (int i = 0; i < buffers.Count; i++)
        {
            for (int j = 0; j < i; j++)
            {
                if (buffers[i].First > buffers[j].Last || buffers[j].First > buffers[i].Last)
                {
                    continue;
                }

                List<Displacements> ranges = [];
                Collect(buffers[j], buffers[i], byPair[(j, i)], byPair[(i, j)], ranges);
                if (ranges.Count > 0)
                {
                    Displacements[] united = Unite(ranges);
                    conflicts._ranges[i][j] = united;
                    conflicts._ranges[j][i] = [.. united.Select(r => new Displacements(-r.High, -r.Low)).Reverse()];
                }
            }
        }

        return conflicts;
    }

    /// <summary>Forbidden displacements of <paramref name="b"/> against <paramref name="a"/>.</summary>
    private static void Collect(ArenaBuffer a, ArenaBuffer b, IEnumerable<Overlay> toB, IEnumerable<Overlay> toA, List<Displacements> ranges)
    {
        foreach (BufferPiece x in a.Pieces)
        {
            foreach (BufferPiece y in b.Pieces)
            {
                if (x.First > y.Last || y.First > x.Last)
                {
                    continue;
                }

                int low = x.From - y.To;
                int high = x.To - y.From;
                foreach (Overlay o in toB.Where(o => Allows(o, x, y)))
                {
                    low = Math.Max(low, o.SourceAt - o.TargetAt - o.Guard);
                }

                foreach (Overlay o in toA.Where(o => Allows(o, y, x)))
                {
                    high = Math.Min(high, o.TargetAt - o.SourceAt + o.Guard);
                }

                if (low + 1 < high)
                {
                    ranges.Add(new Displacements(low, high));
                }
            }
        }
    }

    /// <summary>Whether the operator reads this piece for the last time in what it may overwrite, and writes that one for the first time.</summary>
    private static bool Allows(Overlay o, BufferPiece source, BufferPiece target) =>
        source.Last == o.Step && target.First == o.Step
        && source.From >= o.SourceAt && source.To <= o.SourceAt + o.SourceBytes
        && target.From >= o.TargetAt && target.To <= o.TargetAt + o.TargetBytes;

    /// <summary>The same displacements in as few ranges as possible, in ascending order.</summary>
    private static Displacements[] Unite(List<Displacements> ranges)
    {
        var united = new List<Displacements>();
        foreach (Displacements range in ranges.OrderBy(r => r.Low))
        {
            // Both ends are allowed: ranges that only touch leave one displacement between them.
            if (united.Count > 0 && range.Low < united[^1].High)
            {
                united[^1] = united[^1] with { High = Math.Max(united[^1].High, range.High) };
            }
            else
            {
                united.Add(range);
            }
        }

        return [.. united];
    }
}
