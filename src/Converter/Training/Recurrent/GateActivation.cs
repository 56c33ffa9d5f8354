using System.Numerics.Tensors;

namespace TinyInference.Converter.Training.Recurrent;

using TinyInference.Converter.Graphs;

/// <summary>
/// The two activations of gates, smooth or hard, with their derivatives as functions of what came out. Hard sigmoid: clip(0.2 x + 0.5, 0, 1), as the ONNX
/// operators have it by default; hard tanh: clip(x, -1, 1).
/// </summary>
internal static class GateActivation
{
    public const float HardSlope = 0.2f;

    /// <summary>y = sigmoid(x), or its hard form.</summary>
    public static void Sigmoid(GateForm form, Span<float> y)
    {
        if (form != GateForm.Smooth)
        {
            TensorPrimitives.Multiply(y, HardSlope, y);
            TensorPrimitives.Add(y, 0.5f, y);
            TensorPrimitives.Max(y, 0, y);
            TensorPrimitives.Min(y, 1, y);
        }
        else
        {
            TensorPrimitives.Sigmoid(y, y);
        }
    }

    /// <summary>y = tanh(x), or its hard form.</summary>
    public static void Tanh(GateForm form, ReadOnlySpan<float> x, Span<float> y)
    {
        if (form == GateForm.Hard)
        {
            TensorPrimitives.Max(x, -1, y);
            TensorPrimitives.Min(y, 1, y);
        }
        else
        {
            TensorPrimitives.Tanh(x, y);
        }
    }

    public static float SigmoidSlope(GateForm form, float y) => form != GateForm.Smooth ? (y is > 0 and < 1 ? HardSlope : 0) : y * (1 - y);

    public static float TanhSlope(GateForm form, float y) => form == GateForm.Hard ? (y is > -1 and < 1 ? 1 : 0) : 1 - (y * y);
}
