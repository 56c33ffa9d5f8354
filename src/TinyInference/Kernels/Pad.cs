namespace TinyInference;

/// <summary>PAD: x in the midst of elements of one value.</summary>
internal static class Pad
{
    internal static void Validate(Operator op)
    {
        Check.Int8(op, 1, 1);
        int[] p = op.Parameters;
        int[] x = op.Inputs[0].Dimensions;
        int[] y = op.Outputs[0].Dimensions;
        Check.Require(x.Length == y.Length, BlobError.Shape, op);
        Check.Counts(op, 1 + x.Length, 0, 0);
        Check.Quantization(op, 0);
        Check.Range(op, 0, -128, 127);
        for (int i = 0; i < x.Length; i++)
        {
            Check.Require(x[i] <= y[i], BlobError.Shape, op);
            Check.Range(op, i + 1, 0, y[i] - x[i]);
        }
    }

    internal static void Run(Operator op, sbyte[] arena)
    {
        int[] p = op.Parameters;
        int[] x = op.Inputs[0].Dimensions;
        int[] y = op.Outputs[0].Dimensions;
        int result = op.Outputs[0].ArenaOffset;
        ArenaBytes.Fill(arena, result, op.Outputs[0].ElementCount, (sbyte)p[0]);

        // The innermost dimensions up to the first padded one lie in x and y as one run.
        int outer = x.Length - 1;
        int run = 1;
        while (outer >= 0 && x[outer] == y[outer])
        {
            run *= x[outer];
            outer--;
        }

        int unit = run;
        if (outer >= 0)
        {
            run *= x[outer];
        }

        int from = op.Inputs[0].ArenaOffset;
        int rows = op.Inputs[0].ElementCount / run;
        for (int row = 0; row < rows; row++, from += run)
        {
            int to = result;
            int stride = unit;
            int index = row;
            if (outer >= 0)
            {
                to += p[outer + 1] * stride;
                stride *= y[outer];
            }

            for (int i = outer - 1; i >= 0; i--)
            {
                int quotient = index / x[i];
                to += (p[i + 1] + index - (quotient * x[i])) * stride;
                stride *= y[i];
                index = quotient;
            }

            ArenaBytes.Copy(arena, from, to, run);
        }
    }
}
