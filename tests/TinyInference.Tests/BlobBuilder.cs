using System.Buffers.Binary;

namespace TinyInference.Tests;

/// <summary>One operator of a blob under construction; tensors are indices that <see cref="BlobBuilder.AddTensor"/> gave.</summary>
internal sealed record OperatorRecord(OperatorKind Kind, int[] Inputs, int[] Outputs)
{
    public int[] Parameters { get; init; } = [];

    public int[] Biases { get; init; } = [];

    public int[] Multipliers { get; init; } = [];

    public int[] Shifts { get; init; } = [];

    public sbyte[] Weights { get; init; } = [];

    public int Encoding { get; init; }
}

/// <summary>Writes blobs after docs/SPEC.md, for tests: every tensor has bytes of its own unless it is placed by hand.</summary>
internal sealed class BlobBuilder
{
    private readonly List<(TensorType Type, int[] Dimensions, int Offset, int ZeroPoint, int Flags)> _tensors = [];
    private readonly List<(int Tag, byte[] Bytes)> _resources = [];
    private readonly List<OperatorRecord> _operators = [];
    private readonly List<(int Tag, string Text)> _metadata = [];
    private int _arenaBytes;

    public int Scratch32 { get; set; } = 64;

    public int Scratch64 { get; set; }

    /// <summary>Adds a tensor behind all others and returns its index.</summary>
    public int AddTensor(TensorType type, params int[] dimensions)
        => AddTensorAt(Reserve(dimensions.Aggregate(1, (a, b) => a * b) * Tensor.ElementSize(type)), type, dimensions);

    public int AddTensorAt(int offset, TensorType type, params int[] dimensions)
    {
        _tensors.Add((type, dimensions, offset, 0, 0));
        return _tensors.Count - 1;
    }

    /// <summary>Adds a tensor that keeps its value from run to run.</summary>
    public int AddState(TensorType type, int zeroPoint, params int[] dimensions)
    {
        int index = AddTensor(type, dimensions);
        _tensors[index] = (type, dimensions, OffsetOf(index), zeroPoint, 1);
        return index;
    }

    public int OffsetOf(int tensor) => _tensors[tensor].Offset;

    /// <summary>Reserves bytes of the arena and returns their offset.</summary>
    public int Reserve(int bytes)
    {
        int offset = _arenaBytes;
        _arenaBytes = (offset + bytes + 3) & ~3;
        return offset;
    }

    public void AddOperator(OperatorRecord record) => _operators.Add(record);

    public void AddMetadata(int tag, string text) => _metadata.Add((tag, text));

    public void AddResource(int tag, byte[] bytes) => _resources.Add((tag, bytes));

    public byte[] Build(int[] inputs, int[] outputs)
    {
        var metadata = new ByteList();
        foreach ((int tag, string text) in _metadata)
        {
            byte[] utf8 = System.Text.Encoding.UTF8.GetBytes(text);
            metadata.U16(tag).U16(utf8.Length).Bytes(utf8).Align(4);
        }

        var tensors = new ByteList();
        foreach (int index in inputs.Concat(outputs))
        {
            tensors.U16(index);
        }

        tensors.Align(4);
        foreach ((TensorType type, int[] dimensions, int offset, int zeroPoint, int flags) in _tensors)
        {
            tensors.U8((int)type).U8(dimensions.Length).U16(flags).I32(offset).I32(0x3F800000).I32(zeroPoint).I32s(dimensions);
        }

        var weights = new ByteList();
        var blocks = new Dictionary<sbyte[], int>(ReferenceEqualityComparer.Instance);
        var operators = new ByteList();
        foreach (OperatorRecord op in _operators)
        {
            // Weights in the very same array are one block.
            bool isShared = blocks.TryGetValue(op.Weights, out int block);
            if (!isShared)
            {
                weights.Align(4);
                block = weights.Count;
                weights.Bytes(op.Weights.Select(w => (byte)w));
                if (op.Weights.Length > 0)
                {
                    blocks.Add(op.Weights, block);
                }
            }

            operators.U8((int)op.Kind).U8(op.Encoding).U8(op.Inputs.Length).U8(op.Outputs.Length)
                .U16(op.Parameters.Length).U16(op.Multipliers.Length).I32(op.Biases.Length)
                .I32(op.Weights.Length == 0 ? 0 : block).I32(op.Weights.Length);
            foreach (int index in op.Inputs.Concat(op.Outputs))
            {
                operators.U16(index);
            }

            operators.Align(4).I32s(op.Parameters).I32s(op.Biases).I32s(op.Multipliers);
            operators.Bytes(op.Shifts.Select(s => (byte)s)).Align(4);
        }

        int weightsOffset = (64 + metadata.Count + tensors.Count + operators.Count + 7) & ~7;
        int resourcesOffset = _resources.Count == 0 ? 0 : (weightsOffset + weights.Count + 3) & ~3;
        int end = resourcesOffset + 4 + (12 * _resources.Count);
        var resources = new ByteList();
        resources.U16(_resources.Count).U16(0);
        foreach ((int tag, byte[] bytes) in _resources)
        {
            end = (end + 3) & ~3;
            resources.U16(tag).U16(0).I32(end).I32(bytes.Length);
            end += bytes.Length;
        }

        _resources.ForEach(r => resources.Align(4).Bytes(r.Bytes));
        int fileBytes = _resources.Count == 0 ? weightsOffset + weights.Count : end;
        var blob = new ByteList();
        blob.I32(0x464E4954).U16(1).U16(64).I32(fileBytes).I32(0)
            .I32(_arenaBytes).I32(Scratch32).I32(Scratch64)
            .U16(_tensors.Count).U16(_operators.Count).U16(inputs.Length).U16(outputs.Length)
            .I32(metadata.Count).I32(tensors.Count).I32(operators.Count).I32(weightsOffset).I32(weights.Count)
            .I32(_operators.Count == 0 ? 0 : _operators.Max(o => o.Weights.Length)).I32(resourcesOffset)
            .Bytes(metadata.ToArray()).Bytes(tensors.ToArray()).Bytes(operators.ToArray()).Align(8).Bytes(weights.ToArray());
        if (_resources.Count > 0)
        {
            blob.Align(4).Bytes(resources.ToArray());
        }

        return WithChecksum(blob.ToArray());
    }

    /// <summary>Writes the right checksum into <paramref name="blob"/>, whatever else is wrong with it.</summary>
    public static byte[] WithChecksum(byte[] blob)
    {
        var crc = new Crc32();
        crc.Add(blob, 16, blob.Length - 16);
        BinaryPrimitives.WriteUInt32LittleEndian(blob.AsSpan(12), crc.Value);
        return blob;
    }

    private sealed class ByteList
    {
        private readonly List<byte> _bytes = [];

        public int Count => _bytes.Count;

        public byte[] ToArray() => [.. _bytes];

        public ByteList U8(int value)
        {
            _bytes.Add((byte)value);
            return this;
        }

        public ByteList U16(int value) => U8(value).U8(value >> 8);

        public ByteList I32(int value) => U16(value).U16(value >> 16);

        public ByteList I32s(IEnumerable<int> values)
        {
            foreach (int value in values)
            {
                I32(value);
            }

            return this;
        }

        public ByteList Bytes(IEnumerable<byte> values)
        {
            _bytes.AddRange(values);
            return this;
        }

        public ByteList Align(int multiple)
        {
            while (_bytes.Count % multiple != 0)
            {
                _bytes.Add(0);
            }

            return this;
        }
    }
}
