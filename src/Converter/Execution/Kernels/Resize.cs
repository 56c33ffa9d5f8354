namespace TinyInference.Converter.Execution.Kernels;

using TinyInference.Converter.Graphs;

/// <summary>Resize: nearest on any element type, bilinear on reals.</summary>
internal static class ResizeKernel
{
    public static Kernel Make(Node node, Tensor?[] constants)
    {
        var resize = (Resize)node.Operator;
        Shape input = Check.Rank(node, 0, 4);
        Shape output = node.Output.Shape;
        Check.That(node, output.Rank == 4 && output[0] == input[0] && output[3] == input[3] && (input.ElementCount > 0 || output.ElementCount == 0), $"cannot resize {input} to {output}");
        float[] rows = Coordinates(resize.Coordinates, input[1], output[1], resize.ScaleH);
        float[] columns = Coordinates(resize.Coordinates, input[2], output[2], resize.ScaleW);
        if (resize.Function == ResizeFunction.Bilinear)
        {
            Check.Reals(node);
            return (inputs, result) => Interpolate(inputs[0]!.Floats, result.Floats, input, output, rows, columns);
        }

        Check.SameType(node);
        int[] strides = input.Strides();
        var map = new IndexMap(output, (d, i) => strides[d] * d switch
        {
            1 => Nearest(resize.Rounding, rows[i], input[1]),
            2 => Nearest(resize.Rounding, columns[i], input[2]),
            _ => i,
        });
        return (inputs, result) => map.Copy(inputs[0]!.Data, result.Data);
    }

    /// <summary>For each index of the output, where it lies in the input.</summary>
    public static float[] Coordinates(ResizeCoordinates mode, int input, int output, float stated)
    {
        float step = stated != 0 ? 1 / stated : (float)input / Math.Max(1, output);
        var coordinates = new float[output];
        for (int i = 0; i < output; i++)
        {
            coordinates[i] = mode switch
            {
                ResizeCoordinates.Asymmetric => i * step,
                ResizeCoordinates.AlignCorners => output == 1 ? 0 : i * ((float)(input - 1) / (output - 1)),
                ResizeCoordinates.PytorchHalfPixel when output == 1 => 0,
                _ => ((i + 0.5f) * step) - 0.5f,
            };
        }

        return coordinates;
    }

    public static int Nearest(NearestRounding rounding, float coordinate, int extent)
    {
        float rounded = rounding switch
        {
            NearestRounding.Floor => MathF.Floor(coordinate),
            NearestRounding.Ceil => MathF.Ceiling(coordinate),
            NearestRounding.RoundPreferFloor => MathF.Ceiling(coordinate - 0.5f),
            _ => MathF.Floor(coordinate + 0.5f),
        };
        return Math.Clamp((int)rounded, 0, extent - 1);
    }

    private static void Interpolate(ReadOnlySpan<float> x, Span<float> y, Shape input, Shape output, float[] rows, float[] columns)
    {
        int channels = input[3];
        int to = 0;
        for (int n = 0; n < output[0]; n++)
        {
            for (int i = 0; i < output[1]; i++)
            {
                (int h0, int h1, float fh) = Neighbours(rows[i], input[1]);
                int top = ((n * input[1]) + h0) * input[2];
                int bottom = ((n * input[1]) + h1) * input[2];
                for (int j = 0; j < output[2]; j++)
                {
                    (int w0, int w1, float fw) = Neighbours(columns[j], input[2]);
                    for (int c = 0; c < channels; c++)
                    {
                        float upper = (x[((top + w0) * channels) + c] * (1 - fw)) + (x[((top + w1) * channels) + c] * fw);
                        float lower = (x[((bottom + w0) * channels) + c] * (1 - fw)) + (x[((bottom + w1) * channels) + c] * fw);
                        y[to++] = (upper * (1 - fh)) + (lower * fh);
                    }
                }
            }
        }
    }

    private static (int Lower, int Upper, float Fraction) Neighbours(float coordinate, int extent)
    {
        float inside = Math.Clamp(coordinate, 0, extent - 1);
        int lower = (int)inside;
        return (lower, Math.Min(lower + 1, extent - 1), inside - lower);
    }
}
