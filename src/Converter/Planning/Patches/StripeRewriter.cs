using TinyInference.Converter.Lowering;

namespace TinyInference.Converter.Planning.Patches;

using TinyInference.Converter.Graphs;

/// <summary>
/// Executes consecutive operators patch by patch (Lin, Chen, Cai, Gan and Han, MCUNetV2, 2021): the last one's output in stripes of whole rows, and for each stripe only the
/// rows of the tensors between that it needs. Stripes are ordinary operators on views of tensors; rows that two of them need are computed twice.
/// </summary>
internal static class StripeRewriter
{
    /// <param name="program">Its kernels chosen; it is not changed.</param>
    /// <param name="first">The first operator.</param>
    /// <param name="last">The last one; the only one whose output others read.</param>
    /// <param name="stripes">2 or more, at most the rows of the output.</param>
    /// <returns>Null where the operators cannot be cut so.</returns>
    public static BlobProgram? Rewrite(BlobProgram program, int first, int last, int stripes)
    {
        if (!CanCut(program, first, last) || stripes > program.Operators[last].Output.Shape[1])
        {
            return null;
        }

        var cutting = new Cutting(program, first, last);
        int height = program.Operators[last].Output.Shape[1];
        for (int stripe = 0; stripe < stripes; stripe++)
        {
            var rows = new RowRange(height * stripe / stripes, height * (stripe + 1) / stripes);
            if (!cutting.Add(rows, $"{stripe + 1}/{stripes}"))
            {
                return null;
            }
        }

        return cutting.Finish(new PatchedOperators(first, stripes * (last - first + 1), stripes, 0));
    }

    /// <summary>Whether the operators work row by row, and nobody else reads what is between them.</summary>
    public static bool CanCut(BlobProgram program, int first, int last)
    {
        for (int i = first; i <= last; i++)
        {
            BlobOperator op = program.Operators[i];
            if (!RowOperator.Is(op) || program.Patches.Exists(p => i >= p.First && i < p.First + p.Count))
            {
                return false;
            }

            BlobTensor storage = op.Output.Storage;
            bool isBetween = i < last;
            if (isBetween && (storage != op.Output || program.Outputs.Exists(t => t.Storage == storage)
                || program.Tensors.Exists(t => t.Storage == storage && t != storage)))
            {
                return false;
            }

            // Each tensor between is written once, and read within only; its readers make every one of its rows needed.
            for (int k = 0; k < program.Operators.Count; k++)
            {
                bool isOutside = k <= i || k > last;
                if (isBetween && isOutside && Array.Exists(program.Operators[k].Inputs, t => t.Storage == storage))
                {
                    return false;
                }
            }

            if (isBetween && !program.Operators.Skip(i + 1).Take(last - i).Any(o => o.Inputs.Contains(op.Output)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The program under construction.</summary>
    private sealed class Cutting(BlobProgram program, int first, int last)
    {
        private readonly List<BlobOperator> _operators = [];
        private readonly List<BlobTensor> _tensors = [];
        private readonly Dictionary<(BlobTensor, RowRange), BlobTensor> _views = [];
        private readonly HashSet<BlobTensor> _between = [.. program.Operators.Skip(first).Take(last - first).Select(o => o.Output)];

        /// <summary>The operators for one stripe; false where a window of it lies wholly in padding.</summary>
        public bool Add(RowRange rows, string label)
        {
            var needed = new Dictionary<BlobTensor, RowRange> { [program.Operators[last].Output] = rows };
            var inputs = new RowRange[last - first + 1];
            for (int i = last; i >= first; i--)
            {
                BlobOperator op = program.Operators[i];
                if (RowOperator.Needed(op, needed[op.Output]) is not { } range)
                {
                    return false;
                }

                inputs[i - first] = range;
                foreach (BlobTensor input in op.Inputs.Where(_between.Contains))
                {
                    needed[input] = needed.TryGetValue(input, out RowRange other) ? other.Union(range) : range;
                }
            }

            var parts = new Dictionary<BlobTensor, BlobTensor>();
            for (int i = first; i <= last; i++)
            {
                BlobOperator op = program.Operators[i];
                RowRange range = inputs[i - first];
                BlobTensor[] views = Array.ConvertAll(op.Inputs, t => parts.TryGetValue(t, out BlobTensor? part)
                    ? View(part, new RowRange(range.From - needed[t].From, range.To - needed[t].From))
                    : View(t, range));
                BlobTensor output = i == last ? View(op.Output, rows) : parts[op.Output] = Part(op.Output, needed[op.Output], label);
                _operators.Add(RowOperator.Stripe(op, $"{op.Name} {label}", needed[op.Output], views, output));
            }

            return true;
        }

        public BlobProgram Finish(PatchedOperators patch)
        {
            var result = new BlobProgram { Name = program.Name };
            result.Operators.AddRange([.. program.Operators.Take(first), .. _operators, .. program.Operators.Skip(last + 1)]);
            long extra = _operators.Sum(RowOperator.Macs) - program.Operators.Skip(first).Take(last - first + 1).Sum(RowOperator.Macs);

            // Tensors that nobody uses as a whole any more stay only where others are views of them.
            var used = result.Operators.SelectMany(o => o.Inputs.Append(o.Output)).Concat(program.Inputs).Concat(program.Outputs).ToHashSet();
            used.UnionWith(used.Select(t => t.Storage).ToArray());
            result.Tensors.AddRange(program.Tensors.Concat(_tensors).Where(t => used.Contains(t) || t.IsState));
            result.Inputs.AddRange(program.Inputs);
            result.Outputs.AddRange(program.Outputs);
            result.Resources.AddRange(program.Resources);
            foreach ((string key, string value) in program.Metadata)
            {
                result.Metadata.Add(key, value);
            }

            int moved = _operators.Count - (last - first + 1);
            result.Patches.AddRange(program.Patches.Select(p => p.First > last ? p with { First = p.First + moved } : p).Append(patch with { ExtraMacs = extra }).OrderBy(p => p.First));
            return result;
        }

        /// <summary>Some rows of a tensor, which is in memory as a whole.</summary>
        private BlobTensor View(BlobTensor tensor, RowRange rows)
        {
            if (rows.Count == tensor.Shape[1])
            {
                return tensor;
            }

            if (!_views.TryGetValue((tensor, rows), out BlobTensor? view))
            {
                int row = tensor.ByteCount / tensor.Shape[1];
                view = new BlobTensor($"{tensor.Name} rows {rows.From}-{rows.To - 1}", tensor.Type, Rows(tensor, rows), tensor.Quantization, tensor, rows.From * row);
                _views.Add((tensor, rows), view);
                _tensors.Add(view);
            }

            return view;
        }

        /// <summary>Some rows of a tensor that is never there as a whole.</summary>
        private BlobTensor Part(BlobTensor tensor, RowRange rows, string label)
        {
            var part = new BlobTensor($"{tensor.Name} {label}", tensor.Type, Rows(tensor, rows), tensor.Quantization);
            _tensors.Add(part);
            return part;
        }

        private static Shape Rows(BlobTensor tensor, RowRange rows) => new(tensor.Shape[0], rows.Count, tensor.Shape[2], tensor.Shape[3]);
    }
}
