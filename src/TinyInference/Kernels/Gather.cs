namespace TinyInference;

/// <summary>GATHER: slices of the data, chosen by constant indices or by those in a tensor.</summary>
internal static class Gather
{
    internal static void Validate(Operator op)
    {
        bool constant = op.Inputs.Length == 1;
        Check.Require((constant || op.Inputs.Length == 2) && op.Outputs.Length == 1, BlobError.Shape, op);
        int[] p = op.Parameters;
        Check.Require(p.Length == 4, BlobError.Parameter, op);
        Check.Counts(op, 4, constant ? p[3] : 0, 0);
        Check.Quantization(op, 0);
        Tensor data = op.Inputs[0];
        Tensor y = op.Outputs[0];
        Check.Require(data.Type == TensorType.Int8 && y.Type == TensorType.Int8, BlobError.Shape, op);
        long slice = Check.Times(op, Check.Times(op, 1, p[0]), p[2]);
        Check.Require(Check.Times(op, slice, p[1]) == data.ElementCount, BlobError.Shape, op);
        Check.Require(Check.Times(op, slice, p[3]) == y.ElementCount, BlobError.Shape, op);
        if (constant)
        {
            for (int i = 0; i < p[3]; i++)
            {
                Check.Require(op.Biases[i] >= 0 && op.Biases[i] < p[1], BlobError.Parameter, op);
            }
        }
        else
        {
            Tensor indices = op.Inputs[1];
            Check.Require(indices.Type == TensorType.Int32 && indices.ElementCount == p[3], BlobError.Shape, op);
        }
    }

    internal static void Run(Operator op, sbyte[] arena)
    {
        int[] p = op.Parameters;
        int axis = p[1];
        int inner = p[2];
        int count = p[3];
        int[] constant = op.Biases;
        int indices = op.Inputs.Length == 1 ? -1 : op.Inputs[1].ArenaOffset;
        int x = op.Inputs[0].ArenaOffset;
        int y = op.Outputs[0].ArenaOffset;
        for (int outer = 0; outer < p[0]; outer++, x += axis * inner)
        {
            for (int i = 0; i < count; i++, y += inner)
            {
                int index = indices < 0 ? constant[i] : Index(arena, indices + (4 * i), axis);
                ArenaBytes.Copy(arena, x + (index * inner), y, inner);
            }
        }
    }

    /// <summary>The index at an offset of the arena; below 0 it counts from the end, and what is outside becomes the nearest that is not.</summary>
    private static int Index(sbyte[] arena, int at, int axis)
    {
        int index = (byte)arena[at] | ((byte)arena[at + 1] << 8) | ((byte)arena[at + 2] << 16) | (arena[at + 3] << 24);
        if (index < 0)
        {
            index += axis;
        }

        return index < 0 ? 0 : index < axis ? index : axis - 1;
    }
}
