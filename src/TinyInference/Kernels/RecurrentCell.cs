namespace TinyInference;

/// <summary>
/// RECURRENT_CELL: a simple recurrent cell, h' = tanh(W x + R h + b), or a gated recurrent unit with gates z, r, n, n = tanh(Wn x + bn + r (Rn h + cn)),
/// h' = n + z (h - n), whose state is kept as int16 beside the int8 one that is multiplied: small changes add up.
/// </summary>
internal static class RecurrentCell
{
    private const int Simple = 1;
    private const int Gated = 2;
    private const int Cell = GateSums.Common;
    private const int Parameters = GateSums.Common + 1;

    internal static void Validate(Operator op, BlobHeader header)
    {
        Check.Require(op.Parameters.Length >= Parameters, BlobError.Parameter, op);
        Check.Range(op, Cell, Simple, Gated);
        bool isGated = op.Parameters[Cell] == Gated;
        GateSums.Validate(op, header, isGated ? 3 : 1, Parameters, isGated);
    }

    internal static void Run(Operator op, sbyte[] arena, int[] sums, long[] packed)
    {
        int[] p = op.Parameters;
        int units = p[GateSums.Units];
        int batch = p[GateSums.Batch];
        int steps = p[GateSums.Steps];
        bool timeMajor = p[GateSums.TimeMajor] != 0;
        bool isHard = p[GateSums.IsHard] != 0;
        bool isGated = p[Cell] == Gated;
        int x = op.Inputs[0].ArenaOffset;
        int y = op.Outputs[0].ArenaOffset;
        for (int n = 0; n < batch; n++)
        {
            int h = op.Inputs[1].ArenaOffset + (n * units);
            int inner = isGated ? op.Inputs[2].ArenaOffset + (2 * n * units) : 0;
            for (int t = 0; t < steps; t++)
            {
                int at = timeMajor ? (t * batch) + n : (n * steps) + t;
                if (isGated)
                {
                    GateSums.Run(op, arena, x + (at * p[GateSums.Inputs]), h, 3, 2 * units, sums, packed);
                    UpdateGated(isHard, units, arena, inner, sums);
                }
                else
                {
                    GateSums.Run(op, arena, x + (at * p[GateSums.Inputs]), h, 1, units, sums, packed);
                    GateFunctions.Tanh(isHard, sums, 0, units, GateFunctions.FractionBits);
                }

                GateSums.Store(op, sums, 0, arena, h, y + (at * units));
            }
        }
    }

    /// <summary>The new state in Q0.15, to the arena and to the front of <paramref name="sums"/>.</summary>
    private static void UpdateGated(bool isHard, int units, sbyte[] arena, int inner, int[] sums)
    {
        int candidates = 2 * units;
        int end = 3 * units;
        GateFunctions.Sigmoid(isHard, sums, 0, candidates);
        for (int i = candidates; i < end; i++)
        {
            int sum = sums[i] + (((sums[i - units] * sums[end + i]) + (1 << 14)) >> 15);
            sums[i] = sum > short.MaxValue ? short.MaxValue : sum < short.MinValue ? short.MinValue : sum;
        }

        GateFunctions.Tanh(isHard, sums, candidates, units, GateFunctions.FractionBits);
        for (int u = 0; u < units; u++)
        {
            int state = (byte)arena[inner] | (arena[inner + 1] << 8);
            int candidate = sums[candidates + u];

            // At most 32,767 * 65,535: it fits.
            state = candidate + (((sums[u] * (state - candidate)) + (1 << 14)) >> 15);
            sums[u] = state;
            arena[inner] = (sbyte)state;
            arena[inner + 1] = (sbyte)(state >> 8);
            inner += 2;
        }
    }
}
