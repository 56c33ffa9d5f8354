using System.Runtime.CompilerServices;

namespace TinyInference.Converter.Execution;

using TinyInference.Converter.Graphs;

/// <summary>
/// Quantized values in a float execution: what flows is reals, restricted to those that the quantized type can hold.
/// B. Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference", CVPR 2018, eq. 12.
/// </summary>
internal static class FakeQuantization
{
    /// <summary>Whether <paramref name="value"/> stands for reals: its type is an integer and it has quantization parameters.</summary>
    public static bool Applies(Value value) => value.Quantization is not null && value.Type is not (ElementType.Float32 or ElementType.Bool);

    /// <summary>The element type of the tensor that flows for <paramref name="value"/>.</summary>
    public static ElementType FlowType(Value value) => Applies(value) ? ElementType.Float32 : value.Type;

    /// <summary>The reals that a quantized constant stands for.</summary>
    public static Tensor Dequantize(Tensor tensor, QuantizationParameters parameters)
    {
        float[] data = tensor.Data is float[] reals ? (float[])reals.Clone() : tensor.ToFloats();
        ForEachRun(tensor.Shape, parameters, (start, length, scale, zeroPoint) =>
        {
            foreach (ref float x in data.AsSpan(start, length))
            {
                x = scale * (x - zeroPoint);
            }
        });
        return new Tensor(tensor.Shape, data);
    }

    /// <summary>
    /// Moves each element to the nearest real that <paramref name="value"/> can hold: q = clamp(round(x / scale) + zeroPoint),
    /// x = scale * (q - zeroPoint). Halves are rounded away from zero, as TensorFlow Lite does.
    /// </summary>
    /// <exception cref="InputException">An element is not a number.</exception>
    public static void Round(Value value, float[] data)
    {
        (float min, float max) = value.Type switch
        {
            ElementType.Int8 => (sbyte.MinValue, sbyte.MaxValue),
            ElementType.UInt8 => (byte.MinValue, byte.MaxValue),
            ElementType.Int16 => (short.MinValue, short.MaxValue),
            _ => ((float)int.MinValue, (float)int.MaxValue),
        };
        bool valid;
        if (value.HasDynamicScale)
        {
            QuantizationParameters q = value.Quantization!;
            float scale = DynamicScaleOf(data, q.Scale, min - q.ZeroPoint, max - q.ZeroPoint);
            valid = Round(data, scale, min - q.ZeroPoint, max - q.ZeroPoint);
        }
        else
        {
            valid = RoundFixed(value, data, min, max);
        }

        if (!valid)
        {
            throw new InputException($"tensor '{value.Name}' has elements that are not numbers (NaN): there is no integer for them");
        }
    }

    private static bool RoundFixed(Value value, float[] data, float min, float max)
    {
        bool valid = true;
        ForEachRun(
            value.Shape,
            value.Quantization!,
            (start, length, scale, zeroPoint) => valid &= Round(data.AsSpan(start, length), scale, min - zeroPoint, max - zeroPoint));
        return valid;
    }

    /// <summary>The least of scale * 2^0 to 2^15 under which all of <paramref name="data"/> fit, as the runtime chooses it.</summary>
    private static float DynamicScaleOf(float[] data, float scale, float min, float max)
    {
        const int MostExponent = 15;
        float low = data.Min();
        float high = data.Max();
        for (int i = 0; i < MostExponent && (high / scale >= max + 0.5f || low / scale <= min - 0.5f); i++)
        {
            scale *= 2;
        }

        return scale;
    }

    /// <summary>Rounds to multiples of <paramref name="scale"/> from min to max of them.</summary>
    /// <returns>Whether all elements were numbers.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool Round(Span<float> data, float scale, float min, float max)
    {
        bool valid = true;
        foreach (ref float x in data)
        {
            float scaled = x / scale;
            // The largest float below one half: adding a whole half would carry 0.49999997 up to 1.
            float q = MathF.Truncate(scaled + MathF.CopySign(0.49999997f, scaled));
            valid &= !float.IsNaN(q);
            x = scale * Math.Clamp(q, min, max);
        }

        return valid;
    }

    /// <summary>Calls <paramref name="action"/> (start, length, scale, zero point) for each run of elements with one scale.</summary>
    private static void ForEachRun(Shape shape, QuantizationParameters parameters, Action<int, int, float, int> action)
    {
        if (parameters.IsPerTensor)
        {
            action(0, shape.ElementCount, parameters.Scale, parameters.ZeroPoint);
            return;
        }

        int inner = shape.Strides()[parameters.Axis];
        int channel = 0;
        for (int start = 0; start < shape.ElementCount; start += inner)
        {
            action(start, inner, parameters.Scales[channel], parameters.ZeroPoints[channel]);
            channel = channel + 1 == parameters.Scales.Length ? 0 : channel + 1;
        }
    }
}
