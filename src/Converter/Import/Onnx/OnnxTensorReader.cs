using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Google.Protobuf;

namespace TinyInference.Converter.Import.Onnx;

using TinyInference.Converter.Graphs;
using TinyInference.Converter.Import.Onnx.Schema;

/// <summary>
/// Turns the file's tensors into ours. Types that <see cref="ElementType"/> does not have become the next one that holds
/// their values: double, float16 and bfloat16 become float32, uint16 int32, uint32 and uint64 int64.
/// </summary>
/// <param name="folder">Where external data lies; null when there is no folder.</param>
internal sealed class OnnxTensorReader(string? folder)
{
    /// <summary>Our element type for the specification's data type number; null for those that are not supported.</summary>
    public static ElementType? TypeOf(int dataType) => dataType switch
    {
        1 or 10 or 11 or 16 => ElementType.Float32,
        2 => ElementType.UInt8,
        3 => ElementType.Int8,
        4 or 6 => ElementType.Int32,
        5 => ElementType.Int16,
        7 or 12 or 13 => ElementType.Int64,
        9 => ElementType.Bool,
        _ => null,
    };

    /// <summary>The data type number's name in the specification.</summary>
    public static string NameOf(int dataType)
    {
        string[] names =
        [
            "undefined", "float", "uint8", "int8", "uint16", "int16", "int32", "int64", "string", "bool", "float16", "double",
            "uint32", "uint64", "complex64", "complex128", "bfloat16", "float8e4m3fn", "float8e4m3fnuz", "float8e5m2",
            "float8e5m2fnuz", "uint4", "int4", "float4e2m1",
        ];
        return dataType >= 0 && dataType < names.Length ? names[dataType] : $"data type {dataType}";
    }

    /// <exception cref="InputException">Data and shape do not fit, or the type is not supported.</exception>
    public Tensor Read(TensorProto proto, string name)
    {
        if (TypeOf(proto.DataType) is null)
        {
            throw new InputException($"tensor '{name}' is of type {NameOf(proto.DataType)}, which is not supported");
        }

        Shape shape = ReadShape(proto, name);
        int count = shape.ElementCount;
        if (proto.DataLocation == 1)
        {
            return new Tensor(shape, FromRaw(ReadExternal(proto, name, (long)count * BytesOf(proto.DataType)), proto.DataType, count, name));
        }

        if (proto.HasRawData)
        {
            return new Tensor(shape, FromRaw(proto.RawData.Span, proto.DataType, count, name));
        }

        return new Tensor(shape, FromFields(proto, count, name));
    }

    /// <summary>Refuses weights that are not numbers.</summary>
    /// <exception cref="InputException">There is one.</exception>
    public static void CheckFinite(Tensor tensor, string name)
    {
        if (tensor.Data is not float[] values)
        {
            return;
        }

        foreach (float value in values)
        {
            // One infinite number may be a limit (Clip, Pad); many numbers are weights.
            if (float.IsNaN(value) || (float.IsInfinity(value) && values.Length > 1))
            {
                throw new InputException($"tensor '{name}' has the value {value}: the model was not saved or trained well");
            }
        }
    }

    private static Shape ReadShape(TensorProto proto, string name)
    {
        if (proto.Dims.Count > 16)
        {
            throw new InputException($"tensor '{name}' has {proto.Dims.Count} dimensions");
        }

        long count = 1;
        foreach (long dim in proto.Dims)
        {
            if (dim < 0 || dim > OnnxGraphBuilder.MaxElements || (count *= dim) > OnnxGraphBuilder.MaxElements)
            {
                throw new InputException($"tensor '{name}' has the shape {string.Join('x', proto.Dims)}, which is not possible or too large");
            }
        }

        return new Shape([.. proto.Dims.Select(d => (int)d)]);
    }

    private static int BytesOf(int dataType) => dataType switch
    {
        2 or 3 or 9 => 1,
        4 or 5 or 10 or 16 => 2,
        7 or 11 or 13 => 8,
        _ => 4,
    };

    private static Array FromRaw(ReadOnlySpan<byte> raw, int dataType, int count, string name)
    {
        int size = BytesOf(dataType);
        if (raw.Length != (long)count * size)
        {
            throw new InputException($"tensor '{name}' should have {(long)count * size} bytes of data and has {raw.Length}");
        }

        switch (dataType)
        {
            case 1:
                return Words<float>(raw, count);
            case 2:
                return raw.ToArray();
            case 3:
                return MemoryMarshal.Cast<byte, sbyte>(raw).ToArray();
            case 5:
                return Words<short>(raw, count);
            case 6:
                return Words<int>(raw, count);
            case 7:
                return Words<long>(raw, count);
        }

        Array result = NewArray(dataType, count);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> at = raw.Slice(i * size, size);
            switch (result)
            {
                case float[] floats:
                    floats[i] = dataType switch
                    {
                        10 => (float)BinaryPrimitives.ReadHalfLittleEndian(at),
                        11 => (float)BinaryPrimitives.ReadDoubleLittleEndian(at),
                        _ => FromBFloat16(BinaryPrimitives.ReadUInt16LittleEndian(at)),
                    };
                    break;
                case bool[] bools:
                    bools[i] = at[0] != 0;
                    break;
                case int[] ints:
                    ints[i] = BinaryPrimitives.ReadUInt16LittleEndian(at);
                    break;
                case long[] longs:
                    longs[i] = dataType == 12 ? BinaryPrimitives.ReadUInt32LittleEndian(at) : FromUInt64(BinaryPrimitives.ReadUInt64LittleEndian(at), name);
                    break;
            }
        }

        return result;
    }

    private static Array FromFields(TensorProto proto, int count, string name)
    {
        int present = proto.DataType switch
        {
            1 => proto.FloatData.Count,
            7 => proto.Int64Data.Count,
            11 => proto.DoubleData.Count,
            12 or 13 => proto.Uint64Data.Count,
            _ => proto.Int32Data.Count,
        };
        if (present != count)
        {
            throw new InputException($"tensor '{name}' should have {count} elements and has {present}");
        }

        switch (proto.DataType)
        {
            case 1:
                return proto.FloatData.ToArray();
            case 6:
                return proto.Int32Data.ToArray();
            case 7:
                return proto.Int64Data.ToArray();
        }

        Array result = NewArray(proto.DataType, count);
        for (int i = 0; i < count; i++)
        {
            switch (result)
            {
                case float[] floats:
                    floats[i] = proto.DataType switch
                    {
                        10 => (float)BitConverter.UInt16BitsToHalf((ushort)proto.Int32Data[i]),
                        11 => (float)proto.DoubleData[i],
                        _ => FromBFloat16((ushort)proto.Int32Data[i]),
                    };
                    break;
                case bool[] bools:
                    bools[i] = proto.Int32Data[i] != 0;
                    break;
                case short[] shorts:
                    shorts[i] = (short)proto.Int32Data[i];
                    break;
                case int[] ints:
                    ints[i] = (ushort)proto.Int32Data[i];
                    break;
                case long[] longs:
                    longs[i] = FromUInt64(proto.Uint64Data[i], name);
                    break;
                default:
                    Buffer.SetByte(result, i, (byte)proto.Int32Data[i]);
                    break;
            }
        }

        return result;
    }

    private static T[] Words<T>(ReadOnlySpan<byte> raw, int count)
        where T : unmanaged
    {
        // The file is little endian, and so is every machine that the tool runs on.
        var result = new T[count];
        raw.CopyTo(MemoryMarshal.AsBytes(result.AsSpan()));
        return result;
    }

    private static Array NewArray(int dataType, int count) => TypeOf(dataType) switch
    {
        ElementType.UInt8 => new byte[count],
        ElementType.Int8 => new sbyte[count],
        ElementType.Int16 => new short[count],
        ElementType.Int32 => new int[count],
        ElementType.Int64 => new long[count],
        ElementType.Bool => new bool[count],
        _ => new float[count],
    };

    private static float FromBFloat16(ushort bits) => BitConverter.Int32BitsToSingle(bits << 16);

    private static long FromUInt64(ulong value, string name) =>
        value <= long.MaxValue ? (long)value : throw new InputException($"tensor '{name}' has {value}, which is beyond int64");

    private byte[] ReadExternal(TensorProto proto, string name, long bytes)
    {
        string? location = null;
        long offset = 0;
        foreach (StringStringEntryProto entry in proto.ExternalData)
        {
            switch (entry.Key)
            {
                case "location":
                    location = entry.Value;
                    break;
                case "offset" when !long.TryParse(entry.Value, out offset) || offset < 0:
                case "length" when !long.TryParse(entry.Value, out long length) || length != bytes:
                    throw new InputException($"tensor '{name}' should have {bytes} bytes of external data, but its {entry.Key} says '{entry.Value}'");
            }
        }

        if (folder is null || string.IsNullOrEmpty(location))
        {
            throw new InputException($"the data of tensor '{name}' is in a file that is not known; convert the model from the folder that has it");
        }

        string root = Path.GetFullPath(folder);
        string path = location.Contains('\0', StringComparison.Ordinal) ? root : Path.GetFullPath(Path.Combine(root, location));
        if (Path.IsPathRooted(location) || !path.StartsWith(Path.EndsInDirectorySeparator(root) ? root : root + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new InputException($"the data of tensor '{name}' is said to be in '{location}', which is not inside the model's folder");
        }

        try
        {
            using FileStream file = File.OpenRead(path);
            if (offset > file.Length || bytes > file.Length - offset)
            {
                throw new InputException($"'{location}' has {file.Length} bytes; tensor '{name}' needs {bytes} from byte {offset}");
            }

            var data = new byte[bytes];
            file.Position = offset;
            file.ReadExactly(data);
            return data;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"cannot read '{location}', the data of tensor '{name}': {e.Message}", e);
        }
    }
}
