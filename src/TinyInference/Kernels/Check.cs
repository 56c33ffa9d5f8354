namespace TinyInference;

/// <summary>The checks that several kernels share. Each throws a <see cref="BlobException"/> that names the operator.</summary>
internal static class Check
{
    private const int MostRank = 6;

    /// <summary>How far from the input's edge a window may reach: index arithmetic stays far from 2^31.</summary>
    private const int MostReach = 1 << 28;

    internal static void Require(bool condition, BlobError error, Operator op)
    {
        if (!condition)
        {
            throw new BlobException(error, op.Index);
        }
    }

    /// <summary>So many tensors, all int8.</summary>
    internal static void Int8(Operator op, int inputs, int outputs)
    {
        Require(op.Inputs.Length == inputs && op.Outputs.Length == outputs, BlobError.Shape, op);
        for (int i = 0; i < inputs; i++)
        {
            Require(op.Inputs[i].Type == TensorType.Int8, BlobError.Shape, op);
        }

        for (int i = 0; i < outputs; i++)
        {
            Require(op.Outputs[i].Type == TensorType.Int8, BlobError.Shape, op);
        }
    }

    /// <summary>One int8 input and one int8 output of 4 dimensions each, with the same batch count.</summary>
    internal static void Images(Operator op)
    {
        Int8(op, 1, 1);
        int[] x = op.Inputs[0].Dimensions;
        int[] y = op.Outputs[0].Dimensions;
        Require(x.Length == 4 && y.Length == 4 && x[0] == y[0], BlobError.Shape, op);
    }

    /// <summary>So many parameters, biases and bytes of weights.</summary>
    internal static void Counts(Operator op, int parameters, int biases, long weights)
    {
        Require(op.Parameters.Length == parameters, BlobError.Parameter, op);
        Require(op.Biases.Length == biases && op.WeightsLength == weights, BlobError.Weights, op);
    }

    /// <summary>One multiplier and shift, or one for each of <paramref name="channels"/>; none where that is 0.</summary>
    internal static void Quantization(Operator op, int channels)
    {
        int count = op.Multipliers.Length;
        Require(count == channels || (count == 1 && channels > 0), BlobError.Weights, op);
        for (int i = 0; i < count; i++)
        {
            Multiplier(op, op.Multipliers[i], op.Shifts[i], 30);
        }
    }

    /// <summary>A multiplier in Q31 and its shift, at most <paramref name="mostShift"/> to the left.</summary>
    internal static void Multiplier(Operator op, int multiplier, int shift, int mostShift)
        => Require(multiplier >= 0 && shift >= -31 && shift <= mostShift, BlobError.Parameter, op);

    /// <summary>Parameter <paramref name="index"/> lies in a range, ends included.</summary>
    internal static void Range(Operator op, int index, int least, int most)
        => Require(op.Parameters[index] >= least && op.Parameters[index] <= most, BlobError.Parameter, op);

    /// <summary>Parameter <paramref name="index"/> is a zero point.</summary>
    internal static void ZeroPoint(Operator op, int index) => Range(op, index, -128, 127);

    /// <summary>The parameters from <paramref name="index"/> on are min and max of an int8 result.</summary>
    internal static void Clamp(Operator op, int index)
    {
        Range(op, index, -128, 127);
        Range(op, index + 1, op.Parameters[index], 127);
    }

    /// <summary>Places of a window along one axis: <paramref name="extent"/> of them, none beyond what indices can hold.</summary>
    internal static void Window(Operator op, int extent, int kernel, int stride, int dilation, int pad)
    {
        Require(kernel > 0 && stride > 0 && dilation > 0 && pad >= 0, BlobError.Parameter, op);
        Require(((long)(extent - 1) * stride) + ((long)(kernel - 1) * dilation) + pad <= MostReach, BlobError.Parameter, op);
    }

    /// <summary>The first 12 parameters of the convolutions; <paramref name="places"/> is the tensor that the window moves over.</summary>
    internal static void Convolution(Operator op, int parameters, int[] places)
    {
        int[] p = op.Parameters;
        Require(p.Length == parameters, BlobError.Parameter, op);
        Window(op, places[1], p[0], p[2], p[4], p[6]);
        Window(op, places[2], p[1], p[3], p[5], p[7]);
        ZeroPoint(op, 8);
        ZeroPoint(op, 9);
        Clamp(op, 10);
    }

    /// <summary>The product, which must stay below 2^31: counts of elements read and of multiplications.</summary>
    internal static long Times(Operator op, long product, int factor)
    {
        Require(product > 0 && factor > 0 && product <= int.MaxValue / factor, BlobError.Parameter, op);
        return product * factor;
    }

    /// <summary>Channels that belong to a group.</summary>
    internal static int Groups(Operator op, int channels, int groups)
    {
        Require(groups > 0 && channels % groups == 0, BlobError.Parameter, op);
        return channels / groups;
    }

    /// <summary>As many integers of scratch as one chunk of accumulators takes.</summary>
    internal static void Scratch(Operator op, BlobHeader header, int channels)
        => Require(header.Scratch32 >= (channels < Requantize.Chunk ? channels : Requantize.Chunk), BlobError.Parameter, op);

    /// <summary>Parameter <paramref name="index"/> is a rank; and there are as many parameters as <paramref name="before"/> and <paramref name="lists"/> lists of that rank.</summary>
    internal static int Rank(Operator op, int index, int before, int lists)
    {
        int[] p = op.Parameters;
        Require(p.Length > index, BlobError.Parameter, op);
        Range(op, index, 0, MostRank);
        int rank = p[index];
        Require(p.Length >= before + (lists * rank), BlobError.Parameter, op);
        return rank;
    }

    /// <summary>
    /// Dimensions and strides among the parameters reach only elements 0 to <paramref name="length"/> - 1 when they start at
    /// <paramref name="start"/>. Returns the product of the dimensions.
    /// </summary>
    internal static long Strided(Operator op, int dimensions, int strides, int rank, int start, int length)
    {
        int[] p = op.Parameters;
        long count = 1;
        long least = start;
        long most = start;
        for (int i = 0; i < rank; i++)
        {
            count = Times(op, count, p[dimensions + i]);
            long reach = (long)(p[dimensions + i] - 1) * p[strides + i];
            if (reach < 0)
            {
                least += reach;
            }
            else
            {
                most += reach;
            }
        }

        Require(least >= 0 && most < length, BlobError.Parameter, op);
        return count;
    }
}
