using TinyInference.Converter.Lowering;

namespace TinyInference.Converter.Planning;

/// <summary>Places every activation and every window region of a program in one arena. The same program gives the same plan.</summary>
internal static class MemoryPlanner
{
    /// <summary>docs/SPEC.md: the most that a blob may ask for.</summary>
    private const long MostArenaBytes = 64 << 20;

    /// <exception cref="InputException">The activations need more than a blob may ask for.</exception>
    public static MemoryPlan Plan(BlobProgram program)
    {
        int count = program.Operators.Count;
        List<Buffer> buffers = Lifetimes(program);
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
                buffers.Add(new Buffer($"{program.Operators[i].Name}: window", program.Operators[i].PatchBytes, 1) { First = i, Last = i });
            }
        }

        BufferRequest[] requests = [.. buffers.Select(b => new BufferRequest(b.Bytes, b.Alignment, b.First, b.Last))];
        int[] live = LiveBytes(program, requests);
        int[] offsets = ArenaPlacement.Place(requests);
        int arena = requests.Select((r, i) => offsets[i] + r.Bytes).DefaultIfEmpty(0).Max();
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
            LowerBound = ArenaPlacement.LowerBound(requests),
            PeakOperator = count == 0 ? -1 : Array.IndexOf(live, live.Max()),
            LiveBytesPerOperator = live,
            Buffers = placed,
            Offsets = program.Tensors.ToDictionary(t => t, t => byStorage[t.Storage]),
            PatchOffsets = Array.ConvertAll(patches, p => p < 0 ? -1 : offsets[p]),
        };
    }

    /// <summary>One buffer for each tensor with bytes of its own, alive from where it is written to where it is last read.</summary>
    private static List<Buffer> Lifetimes(BlobProgram program)
    {
        var byStorage = new Dictionary<BlobTensor, Buffer>();
        foreach (BlobTensor tensor in program.Tensors.Where(t => t.Storage == t))
        {
            byStorage.Add(tensor, new Buffer(tensor.Name, tensor.ByteCount, tensor.ElementSize) { Tensors = { tensor } });
        }

        void Use(BlobTensor tensor, int step)
        {
            Buffer buffer = byStorage[tensor.Storage];
            buffer.First = Math.Min(buffer.First, step);
            buffer.Last = Math.Max(buffer.Last, step);
        }

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
    private static void MergeInPlace(BlobProgram program, List<Buffer> buffers)
    {
        var byStorage = buffers.ToDictionary(b => b.Tensors[0]);
        for (int i = 0; i < program.Operators.Count; i++)
        {
            BlobOperator op = program.Operators[i];
            if (!op.CanWorkInPlace)
            {
                continue;
            }

            Buffer result = byStorage[op.Output.Storage];
            foreach (BlobTensor input in op.Inputs)
            {
                Buffer source = byStorage[input.Storage];

                // The first step of the result is this one: nobody has written it before.
                if (source != result && source.Last == i && result.First == i && source.Bytes == result.Bytes && source.Alignment == result.Alignment
                    && input.Shape.ElementCount == op.Output.Shape.ElementCount)
                {
                    source.Last = result.Last;
                    foreach (BlobTensor tensor in result.Tensors)
                    {
                        source.Tensors.Add(tensor);
                        byStorage[tensor] = source;
                    }

                    result.IsMerged = true;
                    break;
                }
            }
        }
    }

    private static int[] LiveBytes(BlobProgram program, BufferRequest[] requests)
    {
        var live = new long[program.Operators.Count];
        foreach (BufferRequest request in requests)
        {
            for (int i = Math.Max(request.First, 0); i <= Math.Min(request.Last, live.Length - 1); i++)
            {
                live[i] += request.Bytes;
            }
        }

        // The inputs and outputs alone may be more than is alive during any operator.
        long most = live.Append(requests.Where(r => r.First < 0).Sum(r => (long)r.Bytes)).Append(requests.Where(r => r.Last >= live.Length).Sum(r => (long)r.Bytes)).Max();
        if (most > MostArenaBytes)
        {
            int peak = Array.IndexOf(live, most);
            throw new InputException($"{(peak < 0 ? "the inputs and outputs" : program.Operators[peak])} need {most} bytes for activations; a blob may have at most {MostArenaBytes}");
        }

        return Array.ConvertAll(live, l => (int)l);
    }

    /// <summary>Bytes of the arena, with the tensors that take turns in it.</summary>
    private sealed class Buffer(string name, int bytes, int alignment)
    {
        public string Name { get; } = name;

        public int Bytes { get; } = bytes;

        public int Alignment { get; } = alignment;

        public List<BlobTensor> Tensors { get; } = [];

        public int First { get; set; } = int.MaxValue;

        public int Last { get; set; } = int.MinValue;

        public bool IsMerged { get; set; }
    }
}
