namespace TinyInference.Converter.Import;

using TinyInference.Converter.Graphs;

/// <summary>
/// Computes operators whose inputs are all known, in the types of the file: exporters write shapes as int64 arithmetic that
/// floats would not hold, and weights as transposed or sliced constants.
/// </summary>
internal static class ConstantEvaluator
{
    /// <summary>The result of <paramref name="op"/>, or null where it is not one that is computed here.</summary>
    public static Tensor? TryEvaluate(Operator op, IReadOnlyList<Tensor> inputs, TensorType result) => op switch
    {
        Reshape or Identity => inputs[0].Reshape(result.Shape),
        Cast => CastTo(inputs[0], result.Type),
        Transpose transpose => Permute(inputs[0], transpose.Permutation),
        Slice slice => TakeSlice(inputs[0], slice, result.Shape),
        Gather gather => TakeIndices(inputs[0], inputs[1], gather.Axis, result.Shape),
        Concat concat => Join(inputs, concat.Axis, result.Shape),
        Binary binary when binary.Clamp.IsNone => Combine(binary.Function, inputs[0], inputs[1], result),
        Unary unary => Apply(unary, inputs[0]),
        Reduce reduce => Collapse(reduce, inputs[0], result.Shape),
        _ => null,
    };

    /// <summary>x with dimension i being dimension <paramref name="permutation"/>[i] of <paramref name="x"/>.</summary>
    public static Tensor Permute(Tensor x, params int[] permutation)
    {
        int[] strides = x.Shape.Strides();
        return Take(x, new Shape(Array.ConvertAll(permutation, p => x.Shape[p])), 0, Array.ConvertAll(permutation, p => strides[p]));
    }

    /// <summary>x repeated along its dimensions of extent 1, and new outer ones, to <paramref name="shape"/>.</summary>
    public static Tensor Broadcast(Tensor x, Shape shape) => Take(x, shape, 0, BroadcastStrides(x.Shape, shape));

    /// <summary>x as another element type: floats are truncated to integers, integers wrap.</summary>
    public static Tensor CastTo(Tensor x, ElementType type)
    {
        if (x.Type == type)
        {
            return x;
        }

        if (type == ElementType.Float32)
        {
            return new Tensor(x.Shape, x.ToFloats());
        }

        if (type == ElementType.Bool)
        {
            return new Tensor(x.Shape, Array.ConvertAll(x.ToFloats(), v => v != 0));
        }

        return FromInt64s(x.Shape, x.ToInt64s(), type);
    }

    /// <summary>The elements as integers of <paramref name="type"/>, which wrap.</summary>
    public static Tensor FromInt64s(Shape shape, long[] values, ElementType type) => new(shape, type switch
    {
        ElementType.Int64 => values,
        ElementType.Int32 => Array.ConvertAll(values, v => (int)v),
        ElementType.Int16 => Array.ConvertAll(values, v => (short)v),
        ElementType.Int8 => Array.ConvertAll(values, v => (sbyte)v),
        ElementType.UInt8 => Array.ConvertAll(values, v => (byte)v),
        ElementType.Bool => Array.ConvertAll(values, v => v != 0),
        _ => Array.ConvertAll(values, v => (float)v),
    });

    private static int[] BroadcastStrides(Shape from, Shape to)
    {
        int[] strides = from.Strides();
        var result = new int[to.Rank];
        for (int i = 1; i <= from.Rank; i++)
        {
            result[^i] = from[-i] == 1 ? 0 : strides[^i];
        }

        return result;
    }

    private static Tensor TakeSlice(Tensor x, Slice slice, Shape shape)
    {
        int[] strides = x.Shape.Strides();
        int offset = 0;
        for (int i = 0; i < strides.Length; i++)
        {
            offset += slice.Begin[i] * strides[i];
            strides[i] *= shape[i] > 1 ? slice.Step[i] : 0;
        }

        return Take(x, shape, offset, strides);
    }

    private static Tensor? TakeIndices(Tensor data, Tensor indices, int axis, Shape shape)
    {
        int extent = data.Shape[axis];
        int inner = data.Shape.ToArray().AsSpan(axis + 1).Product();
        int outer = data.Shape.ToArray().AsSpan(0, axis).Product();
        Array result = Array.CreateInstance(data.Data.GetType().GetElementType()!, shape.ElementCount);
        long[] wanted = indices.ToInt64s();
        int at = 0;
        for (int o = 0; o < outer; o++)
        {
            foreach (long index in wanted)
            {
                long positive = index < 0 ? index + extent : index;
                if (positive < 0 || positive >= extent)
                {
                    return null;
                }

                Array.Copy(data.Data, ((o * extent) + (int)positive) * inner, result, at, inner);
                at += inner;
            }
        }

        return new Tensor(shape, result);
    }

    private static int Product(this ReadOnlySpan<int> extents)
    {
        int product = 1;
        foreach (int extent in extents)
        {
            product *= extent;
        }

        return product;
    }

    private static int Product(this Span<int> extents) => Product((ReadOnlySpan<int>)extents);

    private static Tensor Join(IReadOnlyList<Tensor> parts, int axis, Shape shape)
    {
        Array result = Array.CreateInstance(parts[0].Data.GetType().GetElementType()!, shape.ElementCount);
        int outer = shape.ToArray().AsSpan(0, axis).Product();
        int at = 0;
        for (int o = 0; o < outer; o++)
        {
            foreach (Tensor part in parts)
            {
                int run = part.Shape.ElementCount / outer;
                Array.Copy(part.Data, o * run, result, at, run);
                at += run;
            }
        }

        return new Tensor(shape, result);
    }

    private static Tensor? Combine(BinaryFunction function, Tensor a, Tensor b, TensorType result)
    {
        a = Broadcast(a, result.Shape);
        b = Broadcast(b, result.Shape);
        if (result.Type == ElementType.Float32)
        {
            float[] x = a.ToFloats();
            float[] y = b.ToFloats();
            var z = new float[x.Length];
            for (int i = 0; i < z.Length; i++)
            {
                z[i] = function switch
                {
                    BinaryFunction.Add => x[i] + y[i],
                    BinaryFunction.Sub => x[i] - y[i],
                    BinaryFunction.Mul => x[i] * y[i],
                    BinaryFunction.Div => x[i] / y[i],
                    BinaryFunction.Min => Math.Min(x[i], y[i]),
                    BinaryFunction.Max => Math.Max(x[i], y[i]),
                    _ => MathF.Pow(x[i], y[i]),
                };
            }

            return new Tensor(result.Shape, z);
        }

        long[] p = a.ToInt64s();
        long[] q = b.ToInt64s();
        var r = new long[p.Length];
        for (int i = 0; i < r.Length; i++)
        {
            if (function == BinaryFunction.Div && (q[i] == 0 || q[i] == -1))
            {
                if (q[i] == 0)
                {
                    return null;
                }

                r[i] = unchecked(-p[i]);
                continue;
            }

            r[i] = function switch
            {
                BinaryFunction.Add => p[i] + q[i],
                BinaryFunction.Sub => p[i] - q[i],
                BinaryFunction.Mul => p[i] * q[i],
                BinaryFunction.Div => p[i] / q[i],
                BinaryFunction.Min => Math.Min(p[i], q[i]),
                BinaryFunction.Max => Math.Max(p[i], q[i]),
                _ => (long)Math.Pow(p[i], q[i]),
            };
        }

        return FromInt64s(result.Shape, r, result.Type);
    }

    private static Tensor? Apply(Unary unary, Tensor x)
    {
        Func<double, double>? function = unary.Function switch
        {
            UnaryFunction.Neg => v => -v,
            UnaryFunction.Abs => Math.Abs,
            UnaryFunction.Floor => Math.Floor,
            UnaryFunction.Ceil => Math.Ceiling,
            UnaryFunction.Sqrt => Math.Sqrt,
            UnaryFunction.Reciprocal => v => 1 / v,
            UnaryFunction.Exp => Math.Exp,
            _ => null,
        };
        if (function is null)
        {
            return null;
        }

        return x.Type == ElementType.Float32
            ? new Tensor(x.Shape, Array.ConvertAll(x.Floats, v => (float)function(v)))
            : FromInt64s(x.Shape, Array.ConvertAll(x.ToInt64s(), v => (long)function(v)), x.Type);
    }

    /// <summary>Only whole integer tensors: what exporters make of a shape's element count.</summary>
    private static Tensor? Collapse(Reduce reduce, Tensor x, Shape shape)
    {
        if (shape.ElementCount != 1 || x.Shape.ElementCount == 0 || x.Type is not (ElementType.Int64 or ElementType.Int32))
        {
            return null;
        }

        long[] values = x.ToInt64s();
        long? result = reduce.Function switch
        {
            ReduceFunction.Prod => values.Aggregate(1L, (a, b) => a * b),
            ReduceFunction.Sum => values.Aggregate(0L, (a, b) => a + b),
            ReduceFunction.Max => values.Max(),
            ReduceFunction.Min => values.Min(),
            _ => null,
        };
        return result is { } value ? FromInt64s(shape, [value], x.Type) : null;
    }

    /// <summary>y[i, j, ...] = x[offset + i * strides[0] + j * strides[1] + ...].</summary>
    private static Tensor Take(Tensor x, Shape shape, int offset, int[] strides) => new(shape, x.Data switch
    {
        float[] data => Take(data, shape, offset, strides),
        long[] data => Take(data, shape, offset, strides),
        short[] data => Take(data, shape, offset, strides),
        bool[] data => Take(data, shape, offset, strides),
        _ when x.Type == ElementType.Int32 => Take(x.Int32s, shape, offset, strides),
        _ when x.Type == ElementType.Int8 => Take(x.Int8s, shape, offset, strides),
        _ => Take((byte[])x.Data, shape, offset, strides),
    });

    private static T[] Take<T>(T[] data, Shape shape, int offset, int[] strides)
    {
        var result = new T[shape.ElementCount];
        var index = new int[shape.Rank];
        int at = offset;
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = data[at];
            for (int d = index.Length - 1; d >= 0; d--)
            {
                at += strides[d];
                if (++index[d] < shape[d])
                {
                    break;
                }

                at -= strides[d] * index[d];
                index[d] = 0;
            }
        }

        return result;
    }
}
