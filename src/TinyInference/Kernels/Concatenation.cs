namespace TinyInference;

/// <summary>CONCATENATION: for each outer index, a run of every input. With one outer index an input may already lie in its place.</summary>
internal static class Concatenation
{
    internal static void Validate(Operator op)
    {
        int[] p = op.Parameters;
        int inputs = op.Inputs.Length;
        Check.Int8(op, inputs, 1);
        Check.Counts(op, 1 + inputs, 0, 0);
        Check.Quantization(op, 0);
        int left = op.Outputs[0].ElementCount;
        for (int i = 0; i < inputs; i++)
        {
            long count = Check.Times(op, Check.Times(op, 1, p[0]), p[i + 1]);
            Check.Require(count == op.Inputs[i].ElementCount && count <= left, BlobError.Shape, op);
            left -= (int)count;
        }

        Check.Require(left == 0, BlobError.Shape, op);
    }

    internal static void Run(Operator op, sbyte[] arena)
    {
        int[] p = op.Parameters;
        int outer = p[0];
        int stride = op.Outputs[0].ElementCount / outer;
        int y = op.Outputs[0].ArenaOffset;
        for (int i = 0; i < op.Inputs.Length; i++)
        {
            int run = p[i + 1];
            int from = op.Inputs[i].ArenaOffset;
            int to = y;
            for (int row = 0; row < outer; row++, from += run, to += stride)
            {
                ArenaBytes.Copy(arena, from, to, run);
            }

            y += run;
        }
    }
}
