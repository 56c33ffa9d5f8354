namespace TinyInference;

/// <summary>
/// UNIDIRECTIONAL_SEQUENCE_LSTM: gates i, o, f, g; c' = f c + i g, h' = o tanh(c'). x and h are int8, c is int16 with a power of two as scale. To the bytes of
/// TensorFlow Lite Micro.
/// </summary>
internal static class Lstm
{
    private const int Gates = 4;
    private const int CellFraction = GateSums.Common;
    private const int Clip = GateSums.Common + 1;
    private const int Forget = GateSums.Common + 2;
    private const int Input = GateSums.Common + 4;
    private const int Parameters = GateSums.Common + 6;

    internal static void Validate(Operator op, BlobHeader header)
    {
        GateSums.Validate(op, header, Gates, Parameters, true);
        int[] p = op.Parameters;
        Check.Range(op, CellFraction, 0, 15);
        Check.Range(op, Clip, 0, short.MaxValue);
        Check.Multiplier(op, p[Forget], p[Forget + 1], 30);
        Check.Multiplier(op, p[Input], p[Input + 1], 30);
    }

    internal static void Run(Operator op, sbyte[] arena, int[] sums, long[] packed)
    {
        int[] p = op.Parameters;
        int units = p[GateSums.Units];
        int batch = p[GateSums.Batch];
        int steps = p[GateSums.Steps];
        bool timeMajor = p[GateSums.TimeMajor] != 0;
        bool isHard = p[GateSums.Form] == GateSums.Hard;
        int x = op.Inputs[0].ArenaOffset;
        int y = op.Outputs[0].ArenaOffset;
        for (int n = 0; n < batch; n++)
        {
            int h = op.Inputs[1].ArenaOffset + (n * units);
            int c = op.Inputs[2].ArenaOffset + (2 * n * units);
            for (int t = 0; t < steps; t++)
            {
                int at = timeMajor ? (t * batch) + n : (n * steps) + t;
                GateSums.Run(op, arena, x + (at * p[GateSums.Inputs]), h, Gates * units, Gates * units, sums, packed);
                GateFunctions.Sigmoid(p[GateSums.Form] != 0, sums, 0, 3 * units);
                GateFunctions.Tanh(isHard, sums, 3 * units, units, GateFunctions.FractionBits);
                UpdateCell(p, arena, c, sums);

                // The cells lie where the state's part of the gates was.
                int cells = Gates * units;
                GateFunctions.Tanh(isHard, sums, cells, units, p[CellFraction]);
                for (int u = 0; u < units; u++)
                {
                    sums[cells + u] *= sums[units + u];
                }

                GateSums.Store(op, sums, cells, arena, h, y + (at * units));
            }
        }
    }

    private static void UpdateCell(int[] p, sbyte[] arena, int c, int[] sums)
    {
        int units = p[GateSums.Units];
        int clip = p[Clip];
        for (int u = 0; u < units; u++)
        {
            int cell = (byte)arena[c] | (arena[c + 1] << 8);
            int kept = Saturate(Requantize.Apply(sums[(2 * units) + u] * cell, p[Forget], p[Forget + 1]));
            int added = Saturate(Requantize.Apply(sums[u] * sums[(3 * units) + u], p[Input], p[Input + 1]));
            cell = Saturate(kept + added);
            if (clip > 0)
            {
                cell = cell > clip ? clip : cell < -clip ? -clip : cell;
            }

            sums[(Gates * units) + u] = cell;
            arena[c] = (sbyte)cell;
            arena[c + 1] = (sbyte)(cell >> 8);
            c += 2;
        }
    }

    private static int Saturate(int x) => x > short.MaxValue ? short.MaxValue : x < short.MinValue ? short.MinValue : x;
}
