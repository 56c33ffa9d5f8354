using TinyInference.Converter.Lowering;

namespace TinyInference.Converter.Emission;

/// <summary>Where the weights of each operator lie in their section. Operators of one kind and encoding whose weights are the same have one block.</summary>
internal sealed class WeightBlocks
{
    /// <param name="program">Its operators, in order.</param>
    /// <param name="mostBytes">What a blob can hold.</param>
    /// <exception cref="InputException">The weights are more than that.</exception>
    public WeightBlocks(BlobProgram program, int mostBytes)
    {
        int count = program.Operators.Count;
        Offsets = new int[count];
        Owners = new int[count];
        Array.Fill(Owners, -1);
        var firsts = new Dictionary<(OperatorKind, int, int, int), List<int>>();
        long end = 0;
        for (int i = 0; i < count; i++)
        {
            BlobOperator op = program.Operators[i];
            if (op.Weights.Length == 0)
            {
                continue;
            }

            var hash = default(HashCode);
            hash.AddBytes((byte[])(Array)op.Weights);
            (OperatorKind, int, int, int) key = (op.Kind, op.Encoding, op.Weights.Length, hash.ToHashCode());
            List<int> alike = firsts.TryGetValue(key, out List<int>? found) ? found : firsts[key] = [];
            int index = alike.FindIndex(k => program.Operators[k].Weights.AsSpan().SequenceEqual(op.Weights));
            if (index >= 0)
            {
                Owners[i] = alike[index];
                Offsets[i] = Offsets[alike[index]];
                continue;
            }

            alike.Add(i);
            end = (end + 3) & ~3L;
            if (end + op.Weights.Length > mostBytes)
            {
                throw new InputException($"the weights up to {op} have {end + op.Weights.Length} bytes; a blob holds at most {mostBytes}");
            }

            Offsets[i] = (int)end;
            end += op.Weights.Length;
        }

        Bytes = (int)end;
    }

    /// <summary>For each operator where its weights begin; 0 where it has none.</summary>
    public int[] Offsets { get; }

    /// <summary>For each operator the earlier one whose block it uses; -1 where it has one of its own, or none.</summary>
    public int[] Owners { get; }

    /// <summary>Of all blocks.</summary>
    public int Bytes { get; }
}
