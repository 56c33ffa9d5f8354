namespace TinyInference.Converter.Passes;

using TinyInference.Converter.Graphs;

/// <summary>How operators of one data input exchange places with a Transpose before them.</summary>
internal static class TransposeRules
{
    /// <summary>What replaces Transpose and operator: first the operator, giving <paramref name="Shape"/>, then the Transpose.</summary>
    internal readonly record struct Exchange(Operator Operator, Shape Shape, int[] Permutation);

    /// <summary>
    /// For <paramref name="node"/>, whose first input is x under <paramref name="permutation"/>: the operator that works on x
    /// itself, and the permutation that its result then needs. Null where the two cannot change places.
    /// </summary>
    public static Exchange? After(Node node, int[] permutation)
    {
        Shape output = node.Output.Shape;
        switch (node.Operator)
        {
            case Unary or Identity or Cast:
            case Quantize or Dequantize when PerTensor(node.Input(0)) && PerTensor(node.Output):
                return Same(node.Operator, output, permutation);
            case PRelu when node.Input(1).Shape.ElementCount == 1 || KeepsLast(permutation):
            case BatchNorm or LayerNorm when KeepsLast(permutation):
                return Same(node.Operator, output, permutation);
            case Softmax softmax:
                return Same(softmax with { Axis = permutation[softmax.Axis] }, output, permutation);
            case Pad pad:
                int[] back = Permutation.Inverse(permutation);
                return Same(pad with { Before = Permutation.Apply(back, pad.Before), After = Permutation.Apply(back, pad.After) }, output, permutation);
            case Slice slice:
                back = Permutation.Inverse(permutation);
                return Same(slice with { Begin = Permutation.Apply(back, slice.Begin), Step = Permutation.Apply(back, slice.Step) }, output, permutation);
            case Gather gather when node.Input(1).Shape.Rank == 1:
                return Same(new Gather(permutation[gather.Axis]), output, permutation);
            case Gather gather when node.Input(1).Shape.Rank == 0:
                return Without(new Gather(permutation[gather.Axis]), output, permutation, [gather.Axis]);
            case Reduce reduce:
                int[] axes = [.. reduce.Axes.Select(a => permutation[a]).Order()];
                Reduce reduced = reduce with { Axes = axes };
                return reduce.KeepDimensions ? Same(reduced, output, permutation) : Without(reduced, output, permutation, reduce.Axes);
            case ArgMax arg:
                ArgMax found = arg with { Axis = permutation[arg.Axis] };
                return arg.KeepDimensions ? Same(found, output, permutation) : Without(found, output, permutation, [arg.Axis]);
            case Reshape:
                return AfterReshape(node.Input(0).Shape, output, permutation);
            default:
                return null;
        }
    }

    /// <summary>
    /// A Reshape of <paramref name="from"/> to <paramref name="to"/> that only splits and joins neighbouring dimensions can be
    /// done before the permutation, if dimensions that it joins were neighbours in the same order there too.
    /// </summary>
    public static Exchange? AfterReshape(Shape from, Shape to, int[] permutation)
    {
        if (from.ElementCount == 0)
        {
            return null;
        }

        // Dimensions of more than one element fall into groups with equal products on both sides.
        var groups = new List<(List<int> From, List<int> To)>();
        int i = 0;
        int j = 0;
        var leading = new List<int>();
        while (i < from.Rank || j < to.Rank)
        {
            if (i < from.Rank && from[i] == 1)
            {
                i++;
            }
            else if (j < to.Rank && to[j] == 1)
            {
                (groups.Count == 0 ? leading : groups[^1].To).Add(j++);
            }
            else
            {
                List<int> left = [permutation[i]];
                List<int> right = [j];
                long a = from[i++];
                long b = to[j++];
                while (a != b)
                {
                    if (a < b)
                    {
                        if (from[i] != 1)
                        {
                            left.Add(permutation[i]);
                        }

                        a *= from[i++];
                    }
                    else
                    {
                        right.Add(j);
                        b *= to[j++];
                    }
                }

                groups.Add((left, right));
            }
        }

        // Order of the dimensions of x that have more than one element.
        int[] order = [.. groups.SelectMany(g => g.From).Order()];
        foreach ((List<int> members, _) in groups)
        {
            int start = Array.IndexOf(order, members[0]);
            for (int k = 1; k < members.Count; k++)
            {
                if (start + k >= order.Length || order[start + k] != members[k])
                {
                    return null;
                }
            }
        }

        int[] sequence = [.. leading, .. groups.OrderBy(g => g.From[0]).SelectMany(g => g.To)];
        var shape = new Shape([.. sequence.Select(d => to[d])]);
        return new Exchange(new Reshape(), shape, Permutation.Inverse(sequence));
    }

    private static Exchange Same(Operator op, Shape output, int[] permutation) =>
        new(op, Permutation.Apply(Permutation.Inverse(permutation), output), permutation);

    /// <summary>The operator drops the dimensions <paramref name="dropped"/> of its (permuted) input.</summary>
    private static Exchange Without(Operator op, Shape output, int[] permutation, int[] dropped)
    {
        int[] kept = [.. Enumerable.Range(0, permutation.Length).Where(d => !dropped.Contains(d)).Select(d => permutation[d])];
        int[] order = [.. kept.Order()];
        int[] rest = Array.ConvertAll(kept, d => Array.IndexOf(order, d));
        return new Exchange(op, Permutation.Apply(Permutation.Inverse(rest), output), rest);
    }

    private static bool KeepsLast(int[] permutation) => permutation.Length > 0 && permutation[^1] == permutation.Length - 1;

    private static bool PerTensor(Value value) => value.Quantization is null or { IsPerTensor: true };
}
