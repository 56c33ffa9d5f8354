namespace TinyInference;

/// <summary>MUL: the product of two operands. May work in place of an operand that is not broadcast.</summary>
internal static class Mul
{
    private const int BroadcastAt = 7;

    internal static void Validate(Operator op)
    {
        Broadcast.Validate(op, BroadcastAt);
        int[] p = op.Parameters;
        Check.ZeroPoint(op, 0);
        Check.ZeroPoint(op, 1);
        Check.ZeroPoint(op, 2);
        Check.Multiplier(op, p[3], p[4], 30);
        Check.Clamp(op, 5);
    }

    internal static void Run(Operator op, sbyte[] arena)
    {
        int[] p = op.Parameters;
        int zpA = p[0];
        int zpB = p[1];
        int zpY = p[2];
        int multiplierY = p[3];
        int left = p[4] > 0 ? p[4] : 0;
        int right = left - p[4];
        long round = right == 0 ? 0 : 1L << (right - 1);
        int min = p[5];
        int max = p[6];
        bool constant = op.Inputs.Length == 1;
        int[] biases = op.Biases;

        int outer = p[BroadcastAt] - 1;
        int dimensions = BroadcastAt + 1;
        int stridesA = dimensions + outer + 1;
        int stridesB = stridesA + outer + 1;
        int inner = outer < 0 ? 1 : p[dimensions + outer];
        int stepA = outer < 0 ? 0 : p[stridesA + outer];
        int stepB = outer < 0 ? 0 : p[stridesB + outer];
        int startA = op.Inputs[0].ArenaOffset;
        int startB = constant ? 0 : op.Inputs[1].ArenaOffset;
        int y = op.Outputs[0].ArenaOffset;
        int rows = op.Outputs[0].ElementCount / inner;
        for (int row = 0; row < rows; row++)
        {
            int a = startA + Strided.Offset(p, dimensions, stridesA, outer, row);
            int b = startB + Strided.Offset(p, dimensions, stridesB, outer, row);
            for (int end = y + inner; y < end; y++, a += stepA, b += stepB)
            {
                int factor = constant ? biases[b] : arena[b] - zpB;
                int product = ((arena[a] - zpA) * factor) << left;
                long high = (((long)product * multiplierY) + Requantize.Half) >> 31;
                if (right != 0)
                {
                    high = (high + round + (high >> 63)) >> right;
                }

                int result = (int)high + zpY;
                arena[y] = (sbyte)(result < min ? min : result > max ? max : result);
            }
        }
    }
}
