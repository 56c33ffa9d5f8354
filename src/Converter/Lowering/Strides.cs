namespace TinyInference.Converter.Lowering;

using TinyInference.Converter.Graphs;

/// <summary>Dimensions to walk and, for each operand, the elements from one index of a dimension to the next.</summary>
/// <param name="Dimensions">Outermost first.</param>
/// <param name="Operands">As many strides as dimensions for each operand.</param>
internal readonly record struct Strides(int[] Dimensions, int[][] Operands)
{
    /// <summary>The same walk in the fewest dimensions: those of 1 left out, adjacent ones that can be one made one.</summary>
    public Strides Collapse()
    {
        var dimensions = new List<int>();
        var operands = Array.ConvertAll(Operands, _ => new List<int>());
        for (int d = 0; d < Dimensions.Length; d++)
        {
            int extent = Dimensions[d];
            if (extent == 1)
            {
                continue;
            }

            bool joins = dimensions.Count > 0;
            for (int o = 0; joins && o < operands.Length; o++)
            {
                joins = operands[o][^1] == Operands[o][d] * extent;
            }

            if (joins)
            {
                dimensions[^1] *= extent;
            }
            else
            {
                dimensions.Add(extent);
            }

            for (int o = 0; o < operands.Length; o++)
            {
                if (joins)
                {
                    operands[o][^1] = Operands[o][d];
                }
                else
                {
                    operands[o].Add(Operands[o][d]);
                }
            }
        }

        return new Strides([.. dimensions], Array.ConvertAll(operands, o => o.ToArray()));
    }

    /// <summary>The strides of <paramref name="shape"/> broadcast to <paramref name="to"/> as NumPy does: 0 where it has one element.</summary>
    public static int[] Broadcast(Shape shape, Shape to)
    {
        int[] own = shape.Strides();
        var strides = new int[to.Rank];
        int missing = to.Rank - shape.Rank;
        for (int d = missing; d < to.Rank; d++)
        {
            strides[d] = shape[d - missing] == 1 ? 0 : own[d - missing];
        }

        return strides;
    }
}

internal static class ShapeExtensions
{
    /// <summary>The products of the dimensions before and after dimension <paramref name="axis"/>.</summary>
    public static (int Outer, int Inner) Around(this Shape shape, int axis)
    {
        int inner = 1;
        for (int d = axis + 1; d < shape.Rank; d++)
        {
            inner *= shape[d];
        }

        return (shape.ElementCount / (inner * shape[axis]), inner);
    }
}
