namespace TinyInference;

/// <summary>
/// RECURRENT_CELL: a simple recurrent cell, h' = tanh(W x + R h + b), or a gated recurrent unit with gates z, r, n, n = tanh(Wn x + bn + r (Rn h + cn)),
/// or n = tanh(Wn x + bn + Rn (r h) + cn), h' = n + z (h - n), whose state is kept as int16 beside the int8 one that is multiplied: small changes add up.
/// </summary>
internal static class RecurrentCell
{
    private const int Simple = 1;
    private const int ResetBefore = 3;
    private const int Cell = GateSums.Common;
    private const int Parameters = GateSums.Common + 1;

    internal static void Validate(Operator op, BlobHeader header)
    {
        Check.Require(op.Parameters.Length >= Parameters, BlobError.Parameter, op);
        Check.Range(op, Cell, Simple, ResetBefore);
        bool isGated = op.Parameters[Cell] != Simple;
        GateSums.Validate(op, header, isGated ? 3 : 1, Parameters, isGated);
    }

    internal static void Run(Operator op, sbyte[] arena, int[] sums, long[] packed)
    {
        int[] p = op.Parameters;
        int units = p[GateSums.Units];
        int batch = p[GateSums.Batch];
        int steps = p[GateSums.Steps];
        bool timeMajor = p[GateSums.TimeMajor] != 0;
        bool isGated = p[Cell] != Simple;
        int x = op.Inputs[0].ArenaOffset;
        int y = op.Outputs[0].ArenaOffset;
        for (int n = 0; n < batch; n++)
        {
            int h = op.Inputs[1].ArenaOffset + (n * units);
            int inner = isGated ? op.Inputs[2].ArenaOffset + (2 * n * units) : 0;
            for (int t = 0; t < steps; t++)
            {
                int at = timeMajor ? (t * batch) + n : (n * steps) + t;
                int from = x + (at * p[GateSums.Inputs]);
                int to = y + (at * units);
                if (isGated)
                {
                    RunGated(op, arena, from, h, inner, to, sums, packed);
                }
                else
                {
                    GateSums.Run(op, arena, from, h, units, units, sums, packed);
                    GateFunctions.Tanh(p[GateSums.Form] == GateSums.Hard, sums, 0, units, GateFunctions.FractionBits);
                }

                GateSums.Store(op, sums, 0, arena, h, to);
            }
        }
    }

    /// <summary>The new state in Q0.15, to the arena and to the front of <paramref name="sums"/>. The bytes at <paramref name="y"/> are overwritten.</summary>
    private static void RunGated(Operator op, sbyte[] arena, int x, int h, int inner, int y, int[] sums, long[] packed)
    {
        int[] p = op.Parameters;
        int units = p[GateSums.Units];
        int candidates = 2 * units;
        int end = 3 * units;
        bool resetsBefore = p[Cell] == ResetBefore;
        GateSums.Run(op, arena, x, h, resetsBefore ? candidates : end, candidates, sums, packed);
        GateFunctions.Sigmoid(p[GateSums.Form] != 0, sums, 0, candidates);
        if (resetsBefore)
        {
            ResetState(op, arena, inner, y, sums, packed);
        }

        for (int i = candidates; i < end; i++)
        {
            int added = resetsBefore ? sums[end + i] : ((sums[i - units] * sums[end + i]) + (1 << 14)) >> 15;
            int sum = sums[i] + added;
            sums[i] = sum > short.MaxValue ? short.MaxValue : sum < short.MinValue ? short.MinValue : sum;
        }

        GateFunctions.Tanh(p[GateSums.Form] == GateSums.Hard, sums, candidates, units, GateFunctions.FractionBits);
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

    /// <summary>What the state, multiplied by the reset gate, gives to the candidates. It passes through the output's bytes, which are written later.</summary>
    private static void ResetState(Operator op, sbyte[] arena, int inner, int y, int[] sums, long[] packed)
    {
        int units = op.Parameters[GateSums.Units];
        int candidates = 2 * units;
        int at = 3 * units;
        for (int u = 0; u < units; u++, inner += 2)
        {
            int state = (byte)arena[inner] | (arena[inner + 1] << 8);
            sums[at + u] = ((sums[units + u] * state) + (1 << 14)) >> 15;
        }

        GateSums.Requantized(op, sums, at, arena, y);
        GateSums.Products(op, arena, y, 1, candidates, units, sums, packed);
    }
}
