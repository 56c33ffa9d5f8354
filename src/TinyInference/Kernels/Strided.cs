namespace TinyInference;

/// <summary>Walks dimensions and strides that stand in a list of parameters.</summary>
internal static class Strided
{
    /// <summary>
    /// Where element <paramref name="index"/>, in C order over the first <paramref name="rank"/> of the dimensions, lies.
    /// </summary>
    /// <param name="parameters">Hold both lists.</param>
    /// <param name="dimensions">Where the dimensions begin.</param>
    /// <param name="strides">Where the strides begin.</param>
    /// <param name="rank">How many of the dimensions count.</param>
    /// <param name="index">The element.</param>
    internal static int Offset(int[] parameters, int dimensions, int strides, int rank, int index)
    {
        int offset = 0;
        for (int i = rank - 1; i >= 0; i--)
        {
            int dimension = parameters[dimensions + i];
            int quotient = index / dimension;
            offset += (index - (quotient * dimension)) * parameters[strides + i];
            index = quotient;
        }

        return offset;
    }
}
