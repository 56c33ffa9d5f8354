namespace TinyInference.Converter.Import.TfLite;

using TinyInference.Converter.Graphs;

/// <summary>
/// The graph's values for a file's tensors, made when they are first asked for. Legacy uint8 quantization becomes int8 here
/// (the zero point moves by 128, the reals stay), float16 constants become float32, packed int4 constants int8.
/// </summary>
internal sealed class TensorValues(TfLiteFile file)
{
    /// <summary>Most dimensions that a tensor may have.</summary>
    public const int MaxRank = 8;

    private readonly Dictionary<int, Value> _values = [];
    private readonly Dictionary<(uint Buffer, TensorType Type, ElementType As), Array> _arrays = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _repeats = new(StringComparer.Ordinal);

    /// <summary>Why no value can stand for the tensor, or null where one can.</summary>
    public string? Unsupported(int index)
    {
        TensorEntry tensor = file.Tensor(index);
        if (tensor.IsSparse)
        {
            return $"{tensor.Display} is sparse; convert the model without sparsity";
        }

        if (tensor.IsVariable)
        {
            return $"{tensor.Display} keeps state between runs";
        }

        if (tensor.ExternalBuffer != 0)
        {
            return $"the data of {tensor.Display} is in another file";
        }

        if (tensor.Quantization.Byte(4) != 0)
        {
            return $"{tensor.Display} has a quantization other than one scale, or one for each channel";
        }

        bool isConstant = !file.Data(tensor).IsEmpty;
        bool known = tensor.Type is TensorType.FLOAT32 or TensorType.INT8 or TensorType.UINT8 or TensorType.INT32 or TensorType.INT64 or TensorType.BOOL
            || (isConstant && tensor.Type is TensorType.FLOAT16 or TensorType.INT4 or TensorType.INT16);
        return known ? null : $"{tensor.Display} is {tensor.Type}{(isConstant ? "" : ", and the activations here can be FLOAT32 or INT8")}";
    }

    /// <summary>The value of a tensor that <see cref="Unsupported"/> has no objection to.</summary>
    /// <exception cref="InputException">Shape, data or quantization contradict each other.</exception>
    public Value this[int index]
    {
        get
        {
            if (!_values.TryGetValue(index, out Value? value))
            {
                value = Create(file.Tensor(index));
                _values.Add(index, value);
            }

            return value;
        }
    }

    /// <summary>A name that no other value has.</summary>
    public string UniqueName(string wish)
    {
        string name = wish;
        while (!_names.Add(name))
        {
            // Counted on from the last time: a file may give all its tensors one name.
            int count = _repeats.GetValueOrDefault(wish, 1) + 1;
            _repeats[wish] = count;
            name = $"{wish}_{count}";
        }

        return name;
    }

    private Value Create(TensorEntry tensor)
    {
        Shape shape = CheckedShape(tensor);
        QuantizationParameters? quantization = TensorQuantization.Read(file.Bytes, tensor, shape);
        ElementType type = TypeOf(tensor, quantization is not null);
        ReadOnlySpan<byte> data = file.Data(tensor);
        bool isConstant = !data.IsEmpty || shape.ElementCount == 0;
        if (type == ElementType.Int8 && quantization is null)
        {
            throw file.Bytes.Damaged($"{tensor.Display} is {tensor.Type} but has no scale");
        }

        if (!isConstant && quantization is { IsPerTensor: false })
        {
            throw file.Bytes.Damaged($"activation {tensor.Display} has {quantization.Scales.Length} scales; activations have one");
        }

        string name = UniqueName(tensor.Name.Length == 0 ? $"tensor_{tensor.Index}" : tensor.Name);
        Value value = isConstant ? new Value(name, Constant(tensor, shape, type, data)) : new Value(name, type, shape);
        value.Quantization = type == ElementType.Float32 ? null : quantization;
        return value;
    }

    private Shape CheckedShape(TensorEntry tensor)
    {
        int[] dimensions = [.. tensor.Shape];
        if (dimensions.Length > MaxRank)
        {
            throw file.Bytes.Damaged($"{tensor.Display} has {dimensions.Length} dimensions, more than {MaxRank}");
        }

        if (dimensions.Length > 0 && dimensions[0] == -1)
        {
            dimensions[0] = 1;
        }

        long count = 1;
        foreach (int dimension in dimensions)
        {
            count = dimension < 0 ? int.MaxValue + 1L : count * dimension;
            if (count > int.MaxValue)
            {
                throw file.Bytes.Damaged($"{tensor.Display} has the impossible shape {string.Join('x', tensor.Shape)}");
            }
        }

        return new Shape(dimensions);
    }

    private static ElementType TypeOf(TensorEntry tensor, bool isQuantized) => tensor.Type switch
    {
        TensorType.FLOAT32 or TensorType.FLOAT16 => ElementType.Float32,
        TensorType.INT8 or TensorType.INT4 => ElementType.Int8,
        TensorType.UINT8 => isQuantized ? ElementType.Int8 : ElementType.UInt8,
        TensorType.INT16 => ElementType.Int16,
        TensorType.INT64 => ElementType.Int64,
        TensorType.BOOL => ElementType.Bool,
        _ => ElementType.Int32,
    };

    private Tensor Constant(TensorEntry tensor, Shape shape, ElementType type, ReadOnlySpan<byte> data)
    {
        long expected = tensor.Type switch
        {
            TensorType.FLOAT16 => shape.ElementCount * 2L,
            TensorType.INT4 => (shape.ElementCount + 1L) / 2,
            _ => (long)shape.ElementCount * type.Size(),
        };
        if (data.Length != expected)
        {
            throw file.Bytes.Damaged($"{tensor.Display} of shape {shape} and type {tensor.Type} needs {expected} bytes, its buffer has {data.Length}");
        }

        (uint, TensorType, ElementType) key = (tensor.Buffer, tensor.Type, type);
        if (!_arrays.TryGetValue(key, out Array? array) || array.Length != shape.ElementCount)
        {
            array = Decode(tensor, type, data, shape.ElementCount);
            _arrays[key] = array;
        }

        return new Tensor(shape, array);
    }

    private Array Decode(TensorEntry tensor, ElementType type, ReadOnlySpan<byte> data, int count)
    {
        FlatBuffer bytes = file.Bytes;
        switch (tensor.Type)
        {
            case TensorType.FLOAT32:
                return NotNaN(tensor, bytes.Copy<float>(data));
            case TensorType.FLOAT16:
                return NotNaN(tensor, Array.ConvertAll(bytes.Copy<Half>(data), static h => (float)h));
            case TensorType.INT4:
                bytes.Pay(count);
                return Unpack4(data, count);
            case TensorType.UINT8 when type == ElementType.Int8:
                return Array.ConvertAll(bytes.Copy<byte>(data), static q => (sbyte)(q - 128));
            case TensorType.UINT8:
                return bytes.Copy<byte>(data);
            case TensorType.INT8:
                return bytes.Copy<sbyte>(data);
            case TensorType.INT16:
                return bytes.Copy<short>(data);
            case TensorType.INT64:
                return bytes.Copy<long>(data);
            case TensorType.BOOL:
                return Array.ConvertAll(bytes.Copy<byte>(data), static b => b != 0);
            default:
                return bytes.Copy<int>(data);
        }
    }

    /// <summary>Two int4 in a byte, the first in the low half.</summary>
    private static sbyte[] Unpack4(ReadOnlySpan<byte> data, int count)
    {
        var result = new sbyte[count];
        for (int i = 0; i < count; i++)
        {
            int half = (i & 1) == 0 ? data[i / 2] << 4 : data[i / 2];
            result[i] = (sbyte)((sbyte)half >> 4);
        }

        return result;
    }

    private float[] NotNaN(TensorEntry tensor, float[] data)
    {
        int index = Array.FindIndex(data, float.IsNaN);
        return index < 0 ? data : throw new InputException($"{file.Bytes.FileName}: element {index} of constant {tensor.Display} is NaN; the training has diverged, or the file is damaged");
    }
}
