namespace TinyInference.Converter.Import.TfLite;

using TinyInference.Converter.Graphs;

/// <summary>Reads and checks the quantization parameters of a tensor.</summary>
internal static class TensorQuantization
{
    /// <summary>The parameters, or null where the tensor has none (perhaps only the range that was seen in training).</summary>
    public static QuantizationParameters? Read(FlatBuffer file, TensorEntry tensor, Shape shape)
    {
        float[] scales = tensor.Quantization.Floats(2);
        if (scales.Length == 0 || tensor.Type is TensorType.FLOAT32 or TensorType.FLOAT16)
        {
            return null;
        }

        foreach (float scale in scales)
        {
            if (!float.IsFinite(scale) || scale <= 0)
            {
                throw file.Damaged($"{tensor.Display} has the scale {scale}; scales are finite and above 0");
            }
        }

        int axis = tensor.Quantization.Int32(6);
        if (scales.Length == 1)
        {
            axis = 0;
        }
        else if (axis < 0 || axis >= shape.Rank || shape[axis] != scales.Length)
        {
            throw file.Damaged($"{tensor.Display} of shape {shape} has {scales.Length} scales along dimension {axis}");
        }

        return new QuantizationParameters(scales, ZeroPoints(file, tensor, scales.Length), axis);
    }

    private static int[] ZeroPoints(FlatBuffer file, TensorEntry tensor, int count)
    {
        long[] stated = tensor.Quantization.Int64s(3);
        if (stated.Length == 0)
        {
            stated = new long[count];
        }

        if (stated.Length != count)
        {
            throw file.Damaged($"{tensor.Display} has {count} scales but {stated.Length} zero points");
        }

        (int lowest, int highest) = tensor.Type switch
        {
            TensorType.INT8 => ((int)sbyte.MinValue, (int)sbyte.MaxValue),
            TensorType.UINT8 => (byte.MinValue, byte.MaxValue),
            TensorType.INT4 => (-8, 7),
            TensorType.INT16 => (short.MinValue, short.MaxValue),
            _ => (int.MinValue, int.MaxValue),
        };
        var zeroPoints = new int[count];
        for (int i = 0; i < count; i++)
        {
            if (stated[i] < lowest || stated[i] > highest)
            {
                throw file.Damaged($"{tensor.Display} is {tensor.Type} but has the zero point {stated[i]}");
            }

            zeroPoints[i] = (int)stated[i] - (tensor.Type == TensorType.UINT8 ? 128 : 0);
        }

        return zeroPoints;
    }
}
