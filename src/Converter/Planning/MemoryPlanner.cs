using TinyInference.Converter.Lowering;

namespace TinyInference.Converter.Planning;

/// <summary>How much the planner tries.</summary>
internal enum PlanEffort
{
    /// <summary>No output overwrites what its operator still reads: for estimates that do not depend on the choice of kernels.</summary>
    WithoutOverlays,

    /// <summary>A few placements: for comparing many programs.</summary>
    Quick,

    /// <summary>What a blob gets.</summary>
    Full,
}

/// <summary>Places every activation and every window region of a program in one arena. The same program gives the same plan.</summary>
internal static class MemoryPlanner
{
    /// <summary>docs/SPEC.md: the most that a blob may ask for.</summary>
    private const long MostArenaBytes = 64 << 20;

    /// <exception cref="InputException">The activations need more than a blob may ask for.</exception>
    public static MemoryPlan Plan(BlobProgram program, PlanEffort effort = PlanEffort.Full)
    {
        int count = program.Operators.Count;
        List<ArenaBuffer> buffers = Lifetimes(program);
        MergeInPlace(program, buffers);
        buffers.RemoveAll(b => b.IsMerged);
        var patches = new int[count];
        Array.Fill(patches, -1);
        int tensors = buffers.Count;
        for (int i = 0; i < count; i++)
        {
            if (program.Operators[i].PatchBytes > 0)
            {
                patches[i] = buffers.Count;
                var window = new ArenaBuffer($"{program.Operators[i].Name}: window", program.Operators[i].PatchBytes, 1);
                window.UseAll(i);
                buffers.Add(window);
            }
        }

        List<Overlay> overlays = effort == PlanEffort.WithoutOverlays ? [] : Overlays(program, buffers);
        int[] live = LiveBytes(program, buffers, overlays);
        int bound = LowerBound(buffers, live);
        int[] offsets = ArenaPlacement.Place(buffers, BufferConflicts.Create(buffers, overlays), bound, effort == PlanEffort.Quick ? ArenaPlacement.QuickSearch : ArenaPlacement.FullSearch);
        int arena = buffers.Select((b, i) => offsets[i] + b.Bytes).DefaultIfEmpty(0).Max();
        if (arena > MostArenaBytes)
        {
            throw new InputException($"the activations need an arena of {arena} bytes; a blob may have at most {MostArenaBytes}");
        }

        PlacedBuffer[] placed = [.. buffers.Select((b, i) => new PlacedBuffer(b.Name, offsets[i], b.Bytes, b.First, b.Last))];
        var byStorage = new Dictionary<BlobTensor, int>();
        for (int i = 0; i < tensors; i++)
        {
            foreach (BlobTensor storage in buffers[i].Tensors)
            {
                byStorage.Add(storage, offsets[i]);
            }
        }

        return new MemoryPlan
        {
            ArenaBytes = arena,
            ScratchBytes = (program.Scratch32 * sizeof(int)) + (program.Scratch64 * sizeof(long)),
            LowerBound = bound,
            PeakOperator = count == 0 ? -1 : Array.IndexOf(live, live.Max()),
            LiveBytesPerOperator = live,
            Buffers = placed,
            Offsets = program.Tensors.ToDictionary(t => t, t => byStorage[t.Storage] + t.StorageOffset),
            PatchOffsets = Array.ConvertAll(patches, p => p < 0 ? -1 : offsets[p]),
        };
    }

    /// <summary>One buffer for each tensor with bytes of its own, in use from where it is written to where it is last read.</summary>
    private static List<ArenaBuffer> Lifetimes(BlobProgram program)
    {
        var byStorage = new Dictionary<BlobTensor, ArenaBuffer>();
        foreach (BlobTensor tensor in program.Tensors.Where(t => t.Storage == t))
        {
            byStorage.Add(tensor, new ArenaBuffer(tensor.Name, tensor.ByteCount, tensor.ElementSize) { Tensors = { tensor } });
        }

        void Use(BlobTensor tensor, int step) => byStorage[tensor.Storage].Use(step, tensor.StorageOffset, tensor.ByteCount);

        program.Inputs.ForEach(t => Use(t, -1));
        foreach (BlobTensor state in program.Tensors.Where(t => t.IsState))
        {
            Use(state, -1);
            Use(state, program.Operators.Count);
        }

        for (int i = 0; i < program.Operators.Count; i++)
        {
            Array.ForEach(program.Operators[i].Inputs, t => Use(t, i));
            Use(program.Operators[i].Output, i);
        }

        program.Outputs.ForEach(t => Use(t, program.Operators.Count));
        return [.. byStorage.Values];
    }

    /// <summary>Lets an elementwise operator write into the bytes of an operand that nobody reads afterwards.</summary>
    private static void MergeInPlace(BlobProgram program, List<ArenaBuffer> buffers)
    {
        var byStorage = buffers.ToDictionary(b => b.Tensors[0]);
        for (int i = 0; i < program.Operators.Count; i++)
        {
            BlobOperator op = program.Operators[i];
            if (!op.CanWorkInPlace)
            {
                continue;
            }

            ArenaBuffer result = byStorage[op.Output.Storage];
            foreach (BlobTensor input in op.Inputs)
            {
                ArenaBuffer source = byStorage[input.Storage];

                // The first step of the result is this one: nobody has written it before.
                if (source != result && source.Last == i && result.First == i && source.Bytes == result.Bytes && source.Alignment == result.Alignment
                    && input.Shape.ElementCount == op.Output.Shape.ElementCount && input.StorageOffset == op.Output.StorageOffset)
                {
                    result.Tensors.ForEach(tensor => byStorage[tensor] = source);
                    source.Merge(result);
                    break;
                }
            }
        }
    }

    /// <summary>Which outputs may overwrite which inputs, as far as nobody reads those afterwards.</summary>
    private static List<Overlay> Overlays(BlobProgram program, List<ArenaBuffer> buffers)
    {
        var byStorage = new Dictionary<BlobTensor, int>();
        for (int i = 0; i < buffers.Count; i++)
        {
            buffers[i].Tensors.ForEach(t => byStorage.Add(t, i));
        }

        var overlays = new List<Overlay>();
        for (int i = 0; i < program.Operators.Count; i++)
        {
            BlobOperator op = program.Operators[i];
            int target = byStorage[op.Output.Storage];
            for (int k = 0; k < op.Inputs.Length; k++)
            {
                BlobTensor x = op.Inputs[k];
                int source = byStorage[x.Storage];

                // One operand twice: the other half of it may still be read.
                if (source != target && op.Inputs.Count(t => t.Storage == x.Storage) == 1 && OverlayGuard.Of(op, k) is { } guard)
                {
                    overlays.Add(new Overlay(i, source, x.StorageOffset, x.ByteCount, target, op.Output.StorageOffset, op.Output.ByteCount, guard));
                }
            }
        }

        return overlays;
    }

    /// <summary>For each operator the least bytes that what is in use during it can take.</summary>
    private static int[] LiveBytes(BlobProgram program, List<ArenaBuffer> buffers, List<Overlay> overlays)
    {
        var live = new long[program.Operators.Count];
        foreach (BufferPiece piece in buffers.SelectMany(b => b.Pieces))
        {
            for (int i = Math.Max(piece.First, 0); i <= Math.Min(piece.Last, live.Length - 1); i++)
            {
                live[i] += piece.To - piece.From;
            }
        }

        foreach (IGrouping<int, Overlay> step in overlays.GroupBy(o => o.Step))
        {
            live[step.Key] -= Math.Min(step.First().TargetBytes, step.Sum(o => (long)Math.Min(o.MostShared, Ending(buffers[o.Source], o))));
        }

        // The inputs and outputs alone may be more than is alive during any operator.
        long most = live.Append(BytesAt(buffers, -1)).Append(BytesAt(buffers, live.Length)).Max();
        if (most > MostArenaBytes)
        {
            int peak = Array.IndexOf(live, most);
            throw new InputException($"{(peak < 0 ? "the inputs and outputs" : program.Operators[peak])} need {most} bytes for activations; a blob may have at most {MostArenaBytes}");
        }

        return Array.ConvertAll(live, l => (int)l);
    }

    /// <summary>Bytes of what the operator reads that nobody reads after it.</summary>
    private static int Ending(ArenaBuffer source, Overlay o) => source.Pieces
        .Where(p => p.Last == o.Step && p.From >= o.SourceAt && p.To <= o.SourceAt + o.SourceBytes).Sum(p => p.To - p.From);

    private static long BytesAt(List<ArenaBuffer> buffers, int step) =>
        buffers.SelectMany(b => b.Pieces).Where(p => p.First <= step && p.Last >= step).Sum(p => (long)p.To - p.From);

    /// <summary>What no placement can do without: the most in use at any step, and the largest buffer.</summary>
    private static int LowerBound(List<ArenaBuffer> buffers, int[] live)
    {
        long border = Math.Max(BytesAt(buffers, -1), BytesAt(buffers, live.Length));
        return (int)Math.Max(border, live.Append(0).Concat(buffers.Select(b => b.Bytes)).Max());
    }
}
