namespace TinyInference;

/// <summary>BATCH_MATMUL: the product of two activations, matrix by matrix.</summary>
internal static class BatchMatMul
{
    internal static void Validate(Operator op, BlobHeader header)
    {
        Check.Int8(op, 2, 1);
        int[] p = op.Parameters;
        Check.Counts(op, 11, 0, 0);
        Check.Quantization(op, 1);
        Check.ZeroPoint(op, 4);
        Check.ZeroPoint(op, 5);
        Check.ZeroPoint(op, 6);
        Check.Clamp(op, 7);
        Check.Range(op, 9, 0, 1);
        Check.Range(op, 10, 0, 1);
        long results = Check.Times(op, Check.Times(op, Check.Times(op, 1, p[0]), p[1]), p[3]);
        Check.Times(op, results, p[2]);
        long a = Check.Times(op, Check.Times(op, p[1], p[2]), p[9] == 1 ? 1 : p[0]);
        long b = Check.Times(op, Check.Times(op, p[2], p[3]), p[10] == 1 ? 1 : p[0]);
        Check.Require(
            a == op.Inputs[0].ElementCount && b == op.Inputs[1].ElementCount && results == op.Outputs[0].ElementCount, BlobError.Shape, op);
        Check.Scratch(op, header, p[3]);
    }

    internal static void Run(Operator op, sbyte[] arena, int[] scratch32)
    {
        int[] p = op.Parameters;
        int rows = p[1];
        int depth = p[2];
        int columns = p[3];
        int zpA = p[4];
        int zpB = p[5];
        int stepA = p[9] == 1 ? 0 : rows * depth;
        int stepB = p[10] == 1 ? 0 : depth * columns;
        int a = op.Inputs[0].ArenaOffset;
        int b = op.Inputs[1].ArenaOffset;
        int y = op.Outputs[0].ArenaOffset;
        for (int batch = 0; batch < p[0]; batch++, a += stepA, b += stepB)
        {
            int rowStart = a;
            for (int row = 0; row < rows; row++, rowStart += depth)
            {
                int rowEnd = rowStart + depth;
                for (int first = 0; first < columns; first += Requantize.Chunk)
                {
                    int count = columns - first < Requantize.Chunk ? columns - first : Requantize.Chunk;
                    for (int i = 0; i < count; i++)
                    {
                        int sum = 0;
                        int other = b + first + i;
                        for (int at = rowStart; at < rowEnd; at++, other += columns)
                        {
                            sum += (arena[at] - zpA) * (arena[other] - zpB);
                        }

                        scratch32[i] = sum;
                    }

                    Requantize.Store(scratch32, 0, count, op, 0, arena, y, p[6], p[7], p[8]);
                    y += count;
                }
            }
        }
    }
}
