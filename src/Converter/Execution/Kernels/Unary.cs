using System.Numerics.Tensors;

namespace TinyInference.Converter.Execution.Kernels;

using TinyInference.Converter.Graphs;
using Tensor = TinyInference.Converter.Graphs.Tensor;

/// <summary>Unary functions: the frequent ones several elements at a time, the others one by one.</summary>
internal static class UnaryKernel
{
    public static Kernel Make(Node node, Tensor?[] constants)
    {
        var op = (Unary)node.Operator;
        Check.Output(node, node.Input(0).Shape.AsSpan());
        if (Check.SameType(node) == ElementType.Float32)
        {
            return (inputs, output) => Compute(op, inputs[0]!.Floats, output.Floats);
        }

        Func<long, long> function = UnaryFunctions.OnIntegers(op)
            ?? throw new InputException($"{node} is a function of reals, but tensor '{node.Output.Name}' is of type {node.Output.Type} without quantization parameters");
        return (inputs, output) => Integers.Narrow(Array.ConvertAll(inputs[0]!.ToInt64s(), x => function(x)), output);
    }

    private static void Compute(Unary op, ReadOnlySpan<float> x, Span<float> y)
    {
        switch (op.Function)
        {
            case UnaryFunction.Relu:
                TensorPrimitives.Max(x, 0f, y);
                break;
            case UnaryFunction.Relu6:
                TensorPrimitives.Max(x, 0f, y);
                TensorPrimitives.Min(y, 6f, y);
                break;
            case UnaryFunction.Clip:
                TensorPrimitives.Max(x, op.Alpha, y);
                TensorPrimitives.Min(y, op.Beta, y);
                break;
            case UnaryFunction.LeakyRelu:
                for (int i = 0; i < y.Length; i++)
                {
                    y[i] = x[i] >= 0 ? x[i] : op.Alpha * x[i];
                }

                break;
            case UnaryFunction.Sigmoid:
                TensorPrimitives.Sigmoid(x, y);
                break;
            case UnaryFunction.Tanh:
                TensorPrimitives.Tanh(x, y);
                break;
            case UnaryFunction.Exp:
                TensorPrimitives.Exp(x, y);
                break;
            default:
                for (int i = 0; i < y.Length; i++)
                {
                    y[i] = (float)UnaryFunctions.Evaluate(op, x[i]);
                }

                break;
        }
    }
}
