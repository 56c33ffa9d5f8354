namespace TinyInference;

/// <summary>ADD and SUB: both operands on one scale in 32 bits, then the sum to the result's scale. May work in place of an operand that is not broadcast.</summary>
internal static class Add
{
    private const int BroadcastAt = 12;

    internal static void Validate(Operator op)
    {
        Broadcast.Validate(op, BroadcastAt);
        int[] p = op.Parameters;
        Check.Range(op, 0, 0, 22);
        Check.ZeroPoint(op, 1);
        Check.Multiplier(op, p[2], p[3], 0);
        Check.ZeroPoint(op, 4);
        Check.Multiplier(op, p[5], p[6], 0);
        Check.ZeroPoint(op, 7);
        Check.Multiplier(op, p[8], p[9], 0);
        Check.Clamp(op, 10);
    }

    internal static void Run(Operator op, sbyte[] arena)
    {
        int[] p = op.Parameters;
        int leftShift = p[0];
        int zpA = p[1];
        int multiplierA = p[2];
        int rightA = -p[3];
        long roundA = Rounding(rightA);
        int zpB = p[4];
        int multiplierB = p[5];
        int rightB = -p[6];
        long roundB = Rounding(rightB);
        int zpY = p[7];
        int multiplierY = p[8];
        int rightY = -p[9];
        long roundY = Rounding(rightY);
        int min = p[10];
        int max = p[11];
        bool subtract = op.Kind == OperatorKind.Sub;
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
                long sum = (((long)((arena[a] - zpA) << leftShift) * multiplierA) + Requantize.Half) >> 31;
                if (rightA != 0)
                {
                    sum = (sum + roundA + (sum >> 63)) >> rightA;
                }

                long other;
                if (constant)
                {
                    other = biases[b];
                }
                else
                {
                    other = (((long)((arena[b] - zpB) << leftShift) * multiplierB) + Requantize.Half) >> 31;
                    if (rightB != 0)
                    {
                        other = (other + roundB + (other >> 63)) >> rightB;
                    }
                }

                sum = (int)(subtract ? sum - other : sum + other);
                sum = ((sum * multiplierY) + Requantize.Half) >> 31;
                if (rightY != 0)
                {
                    sum = (sum + roundY + (sum >> 63)) >> rightY;
                }

                int result = (int)sum + zpY;
                arena[y] = (sbyte)(result < min ? min : result > max ? max : result);
            }
        }
    }

    private static long Rounding(int right) => right == 0 ? 0 : 1L << (right - 1);
}
