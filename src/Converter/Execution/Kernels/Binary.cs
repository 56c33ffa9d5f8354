using System.Buffers;
using System.Numerics.Tensors;

namespace TinyInference.Converter.Execution.Kernels;

using TinyInference.Converter.Graphs;
using Tensor = TinyInference.Converter.Graphs.Tensor;

/// <summary>Binary functions with NumPy's broadcasting, on reals and on integers (whose division truncates, and whose overflow wraps).</summary>
internal static class BinaryKernel
{
    public static Kernel Make(Node node, Tensor?[] constants)
    {
        var op = (Binary)node.Operator;
        IndexMap? a = Expansion(node, 0);
        IndexMap? b = Expansion(node, 1);
        bool isInteger = node.Inputs.Concat(node.Outputs).All(v => FakeQuantization.FlowType(v!) is not (ElementType.Float32 or ElementType.Bool));
        return isInteger
            ? (inputs, output) => RunIntegers(node, op, Expand(inputs[0]!.ToInt64s(), a, output.Shape), Expand(inputs[1]!.ToInt64s(), b, output.Shape), output)
            : (inputs, output) => RunReals(op, inputs, a, b, output);
    }

    /// <summary>How an operand is broadcast, or null where it has the output's shape.</summary>
    private static IndexMap? Expansion(Node node, int index)
    {
        Shape shape = node.Input(index).Shape;
        Check.Broadcasts(node, shape, node.Output.Shape);
        return shape.Equals(node.Output.Shape) ? null : IndexMap.Broadcast(shape, node.Output.Shape);
    }

    private static long[] Expand(long[] data, IndexMap? map, Shape shape)
    {
        if (map is null)
        {
            return data;
        }

        long[] expanded = new long[shape.ElementCount];
        map.Copy(data, expanded);
        return expanded;
    }

    private static void RunReals(Binary op, Tensor?[] inputs, IndexMap? aMap, IndexMap? bMap, Tensor output)
    {
        int count = output.Shape.ElementCount;
        float[]? aBuffer = aMap is null ? null : ArrayPool<float>.Shared.Rent(count);
        float[]? bBuffer = bMap is null ? null : ArrayPool<float>.Shared.Rent(count);
        float[] aData = inputs[0]!.ToFloats();
        float[] bData = inputs[1]!.ToFloats();
        aMap?.Copy(aData, aBuffer!);
        bMap?.Copy(bData, bBuffer!);
        float[] result = output.Data as float[] ?? new float[count];
        Compute(op.Function, (aBuffer ?? aData).AsSpan(0, count), (bBuffer ?? bData).AsSpan(0, count), result);
        Activation.Apply(op.Clamp, result);
        if (output.Data is not float[])
        {
            CastKernel.Convert(result, output);
        }

        Return(aBuffer);
        Return(bBuffer);
    }

    private static void Return(float[]? buffer)
    {
        if (buffer is not null)
        {
            ArrayPool<float>.Shared.Return(buffer);
        }
    }

    private static void Compute(BinaryFunction function, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> y)
    {
        switch (function)
        {
            case BinaryFunction.Add:
                TensorPrimitives.Add(a, b, y);
                break;
            case BinaryFunction.Sub:
                TensorPrimitives.Subtract(a, b, y);
                break;
            case BinaryFunction.Mul:
                TensorPrimitives.Multiply(a, b, y);
                break;
            case BinaryFunction.Div:
                TensorPrimitives.Divide(a, b, y);
                break;
            case BinaryFunction.Min:
                TensorPrimitives.Min(a, b, y);
                break;
            case BinaryFunction.Max:
                TensorPrimitives.Max(a, b, y);
                break;
            default:
                for (int i = 0; i < y.Length; i++)
                {
                    y[i] = MathF.Pow(a[i], b[i]);
                }

                break;
        }
    }

    private static void RunIntegers(Node node, Binary op, long[] a, long[] b, Tensor output)
    {
        long min = long.CreateSaturating(op.Clamp.Min);
        long max = long.CreateSaturating(op.Clamp.Max);
        long[] y = new long[a.Length];
        for (int i = 0; i < y.Length; i++)
        {
            y[i] = Math.Min(Math.Max(Compute(node, op.Function, a[i], b[i]), min), max);
        }

        Integers.Narrow(y, output);
    }

    private static long Compute(Node node, BinaryFunction function, long a, long b) => function switch
    {
        BinaryFunction.Add => unchecked(a + b),
        BinaryFunction.Sub => unchecked(a - b),
        BinaryFunction.Mul => unchecked(a * b),
        BinaryFunction.Div when b == 0 => throw new InputException($"{node}: an integer is divided by 0"),
        // The least integer has no negative: dividing it would trap.
        BinaryFunction.Div => b == -1 ? unchecked(-a) : a / b,
        BinaryFunction.Min => Math.Min(a, b),
        BinaryFunction.Max => Math.Max(a, b),
        _ => Power(a, b),
    };

    private static long Power(long x, long exponent)
    {
        if (exponent < 0)
        {
            return x is 1 or -1 ? ((exponent & 1) == 0 ? 1 : x) : 0;
        }

        long result = 1;
        for (; exponent != 0; exponent >>= 1)
        {
            result = unchecked((exponent & 1) == 0 ? result : result * x);
            x = unchecked(x * x);
        }

        return result;
    }
}
