using TinyInference.Converter.Graphs;

namespace Converter.Tests.Execution;

/// <summary>Tensors of any rank, one element at a time, for plain references.</summary>
internal static class Indices
{
    /// <summary>A shape of <paramref name="rank"/> dimensions of 1 to 4.</summary>
    public static Shape RandomShape(Random random, int rank)
        => new(Enumerable.Range(0, rank).Select(_ => random.Next(1, 5)).ToArray());

    public static Tensor RandomTensor(this Random random, Shape shape) => new(shape, random.Floats(shape.ElementCount));

    /// <summary>Integers of random type: int8, int32 or int64.</summary>
    public static Tensor RandomIntegers(this Random random, Shape shape)
    {
        int[] data = [.. Enumerable.Range(0, shape.ElementCount).Select(_ => random.Next(-100, 100))];
        return new Tensor(shape, random.Next(3) switch
        {
            0 => Array.ConvertAll(data, x => (sbyte)x),
            1 => data,
            _ => Array.ConvertAll(data, x => (long)x),
        });
    }

    /// <summary>The index of every element, C order.</summary>
    public static IEnumerable<int[]> All(Shape shape)
    {
        for (int i = 0; i < shape.ElementCount; i++)
        {
            int rest = i;
            int[] index = new int[shape.Rank];
            for (int d = shape.Rank - 1; d >= 0; d--)
            {
                index[d] = rest % shape[d];
                rest /= shape[d];
            }

            yield return index;
        }
    }

    public static int Offset(Shape shape, int[] index)
    {
        int offset = 0;
        for (int d = 0; d < shape.Rank; d++)
        {
            offset = (offset * shape[d]) + index[d];
        }

        return offset;
    }

    /// <summary>The offset in a tensor of shape <paramref name="shape"/> that <paramref name="index"/> of the broadcast result reads.</summary>
    public static int BroadcastOffset(Shape shape, int[] index)
    {
        int[] own = new int[shape.Rank];
        for (int d = 0; d < shape.Rank; d++)
        {
            own[d] = shape[d] == 1 ? 0 : index[index.Length - shape.Rank + d];
        }

        return Offset(shape, own);
    }
}
