namespace TinyInference.Converter.Graphs;

/// <summary>
/// Data of a constant or of an activation: a shape and a C-order array whose element type is one of
/// float, sbyte, byte, short, int, long, bool (as <see cref="ElementType"/> says).
/// </summary>
internal sealed class Tensor
{
    public Tensor(Shape shape, Array data)
    {
        if (data.Length != shape.ElementCount)
        {
            throw new ArgumentException($"shape {shape} has {shape.ElementCount} elements, the data {data.Length}");
        }

        Shape = shape;
        Data = data;
        Type = data switch
        {
            float[] => ElementType.Float32,
            // The CLR lets sbyte[] pass for byte[] (and the reverse) in patterns: ask for the exact type.
            _ when data.GetType() == typeof(sbyte[]) => ElementType.Int8,
            _ when data.GetType() == typeof(byte[]) => ElementType.UInt8,
            _ when data.GetType() == typeof(short[]) => ElementType.Int16,
            _ when data.GetType() == typeof(int[]) => ElementType.Int32,
            _ when data.GetType() == typeof(long[]) => ElementType.Int64,
            bool[] => ElementType.Bool,
            _ => throw new ArgumentException($"no tensor of {data.GetType().Name}"),
        };
    }

    public Shape Shape { get; }

    public ElementType Type { get; }

    public Array Data { get; }

    public float[] Floats => (float[])Data;

    public sbyte[] Int8s => (sbyte[])Data;

    public int[] Int32s => (int[])Data;

    public static Tensor Scalar(float value) => new(Shape.Scalar, new[] { value });

    /// <summary>The same data under another shape of equal element count; nothing is copied.</summary>
    public Tensor Reshape(Shape shape) => new(shape, Data);

    /// <summary>Every element as a float; the array itself when it already is one.</summary>
    public float[] ToFloats() => Data as float[] ?? ConvertAll(Convert.ToSingle);

    /// <summary>Every element as a 64-bit integer (floats truncated); for shapes, axes and indices.</summary>
    public long[] ToInt64s() => Data as long[] ?? ConvertAll(static x => x is float f ? (long)f : Convert.ToInt64(x));

    /// <summary>Every element as a 32-bit integer, saturated: ONNX writes "to the end" as the largest int64.</summary>
    public int[] ToInt32s() => Type == ElementType.Int32 ? Int32s : Array.ConvertAll(ToInt64s(), static x => (int)Math.Clamp(x, int.MinValue, int.MaxValue));

    private T[] ConvertAll<T>(Func<object, T> convert)
    {
        var result = new T[Data.Length];
        int i = 0;
        foreach (object element in Data)
        {
            result[i++] = convert(element);
        }

        return result;
    }
}
