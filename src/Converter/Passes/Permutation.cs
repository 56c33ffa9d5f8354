namespace TinyInference.Converter.Passes;

using TinyInference.Converter.Graphs;

/// <summary>Orders of dimensions: dimension i of the result is dimension permutation[i] of what was there.</summary>
internal static class Permutation
{
    public static bool IsIdentity(int[] permutation)
    {
        for (int i = 0; i < permutation.Length; i++)
        {
            if (permutation[i] != i)
            {
                return false;
            }
        }

        return true;
    }

    public static int[] Inverse(int[] permutation)
    {
        var inverse = new int[permutation.Length];
        for (int i = 0; i < permutation.Length; i++)
        {
            inverse[permutation[i]] = i;
        }

        return inverse;
    }

    /// <summary>The permutation that does what <paramref name="first"/> and then <paramref name="second"/> do.</summary>
    public static int[] Then(int[] first, int[] second) => Array.ConvertAll(second, i => first[i]);

    public static T[] Apply<T>(int[] permutation, IReadOnlyList<T> items) => Array.ConvertAll(permutation, i => items[i]);

    public static Shape Apply(int[] permutation, Shape shape) => new(Apply<int>(permutation, shape));

    /// <summary>The same order for a tensor that has more dimensions in front, which stay where they are.</summary>
    public static int[] Extend(int[] permutation, int rank)
    {
        int more = rank - permutation.Length;
        return [.. Enumerable.Range(0, more), .. permutation.Select(i => i + more)];
    }

    /// <summary>Whether dimensions of more than one element keep their order: then no element moves in memory.</summary>
    public static bool MovesNothing(int[] permutation, Shape shape)
    {
        int last = -1;
        foreach (int dimension in permutation)
        {
            if (shape[dimension] != 1)
            {
                if (dimension < last)
                {
                    return false;
                }

                last = dimension;
            }
        }

        return true;
    }

    /// <summary>The data of <paramref name="tensor"/> with its dimensions in another order.</summary>
    public static Tensor Apply(int[] permutation, Tensor tensor)
    {
        Shape shape = Apply(permutation, tensor.Shape);
        int[] strides = Apply<int>(permutation, tensor.Shape.Strides());
        var sources = new int[shape.ElementCount];
        var index = new int[shape.Rank];
        int source = 0;
        for (int i = 0; i < sources.Length; i++)
        {
            sources[i] = source;
            for (int d = shape.Rank - 1; d >= 0; d--)
            {
                source += strides[d];
                if (++index[d] < shape[d])
                {
                    break;
                }

                source -= strides[d] * shape[d];
                index[d] = 0;
            }
        }

        return new Tensor(shape, Gather(tensor.Data, sources));
    }

    /// <summary>Elements of <paramref name="data"/> at <paramref name="sources"/>, in an array of the same type.</summary>
    private static Array Gather(Array data, int[] sources)
    {
        Array result = Array.CreateInstance(data.GetType().GetElementType()!, sources.Length);
        int size = data.Length == 0 ? 0 : Buffer.ByteLength(data) / data.Length;
        for (int i = 0; i < sources.Length; i++)
        {
            Buffer.BlockCopy(data, sources[i] * size, result, i * size, size);
        }

        return result;
    }
}
