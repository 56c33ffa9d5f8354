using System;
using System.IO;

namespace TinyInference;

/// <summary>Turns the bytes of a blob into a <see cref="Model"/>, checking everything that docs/SPEC.md states.</summary>
internal static class ModelReader
{
    private const int MostRank = 6;
    private const int MostElements = 1 << 24;
    private const int MostTensorsOfOperator = 64;
    private const int MostParameters = 256;
    private const int StateFlag = 1;

    /// <summary>What is read at a time from a stream whose length is unknown: no allocation is larger before the bytes have come.</summary>
    private const int Chunk = 4096;

    internal static Model Read(byte[] blob)
    {
        if (blob.Length < BlobHeader.ByteCount)
        {
            throw new BlobException(BlobError.Truncated, -1);
        }

        var header = new BlobHeader(blob);
        if (blob.Length < header.FileBytes)
        {
            throw new BlobException(BlobError.Truncated, -1);
        }

        var crc = new Crc32();
        crc.Add(blob, BlobHeader.ChecksumStart, header.FileBytes - BlobHeader.ChecksumStart);
        CheckChecksum(header, crc);

        Model model = ReadPlan(header, blob, blob, null, ReadResources(header, blob));
        for (int i = 0; i < model.Operators.Length; i++)
        {
            Operator op = model.Operators[i];
            op.Weights = blob;
            op.WeightsStart = header.WeightsOffset + op.WeightsOffset;
            AcceptKept(op);
        }

        return model;
    }

    internal static Model Read(Stream stream, bool keepWeightsInStream)
    {
        long start = keepWeightsInStream ? stream.Position : 0;
        var first = new byte[BlobHeader.ByteCount];
        ReadExactly(stream, first, first.Length);
        var header = new BlobHeader(first);
        var crc = new Crc32();
        crc.Add(first, BlobHeader.ChecksumStart, first.Length - BlobHeader.ChecksumStart);

        byte[] plan = ReadPlanBytes(stream, first, header.WeightsOffset, crc);
        var metadata = new byte[header.MetadataBytes];
        Array.Copy(plan, BlobHeader.ByteCount, metadata, 0, metadata.Length);
        var resources = new Resources();
        Model model = ReadPlan(header, plan, metadata, keepWeightsInStream ? stream : null, resources, start);
        ReadWeights(stream, header, model, crc);
        if (header.ResourcesOffset != 0)
        {
            resources.Read(stream, header, start, !keepWeightsInStream, crc);
        }

        CheckChecksum(header, crc);
        return model;
    }

    /// <summary>Reads <paramref name="count"/> bytes to the front of <paramref name="buffer"/>.</summary>
    /// <exception cref="BlobException">The stream ends before.</exception>
    internal static void ReadExactly(Stream stream, byte[] buffer, int count) => ReadExactly(stream, buffer, 0, count);

    internal static void ReadExactly(Stream stream, byte[] buffer, int offset, int count)
    {
        while (count > 0)
        {
            int read = stream.Read(buffer, offset, count);
            if (read <= 0)
            {
                throw new BlobException(BlobError.Truncated, -1);
            }

            offset += read;
            count -= read;
        }
    }

    /// <summary>The plan, header included; the array grows as bytes come, so that a short stream cannot ask for a large one.</summary>
    private static byte[] ReadPlanBytes(Stream stream, byte[] first, int length, Crc32 crc)
    {
        byte[] plan = first;
        int have = first.Length;
        while (have < length)
        {
            int size = have < Chunk ? Chunk : have * 2;
            var larger = new byte[size < length ? size : length];
            Array.Copy(plan, larger, have);
            plan = larger;
            ReadExactly(stream, plan, have, plan.Length - have);
            crc.Add(plan, have, plan.Length - have);
            have = plan.Length;
        }

        return plan;
    }

    /// <summary>Reads the weights section: into one array for each operator, or past it for the checksum only.</summary>
    private static void ReadWeights(Stream stream, BlobHeader header, Model model, Crc32 crc)
    {
        bool keep = model.WeightStream is null;
        byte[] chunk = null;
        int position = 0;
        for (int i = 0; i < model.Operators.Length; i++)
        {
            Operator op = model.Operators[i];
            if (op.WeightsLength == 0)
            {
                continue;
            }

            if (op.WeightsOwner is not null)
            {
                if (keep)
                {
                    op.Weights = op.WeightsOwner.Weights;
                    AcceptKept(op);
                }

                continue;
            }

            chunk = Skip(stream, op.WeightsOffset - position, chunk, crc);
            if (keep)
            {
                // The header's sizes may lie: trust a large one only after the stream has shown that it is that long.
                CheckLength(stream, op.WeightsLength);
                op.Weights = new byte[op.WeightsLength];
                ReadExactly(stream, op.Weights, op.WeightsLength);
                crc.Add(op.Weights, 0, op.WeightsLength);
                op.AcceptWeights(null);
                if (op.HasPackedWeights)
                {
                    op.Weights = null;
                }
            }
            else if (Sparse.Is(op))
            {
                model.WeightStream.ReadNext(op);
                crc.Add(op.Weights, 0, op.WeightsLength);
            }
            else
            {
                chunk = Skip(stream, op.WeightsLength, chunk, crc);
            }

            position = op.WeightsOffset + op.WeightsLength;
        }

        Skip(stream, header.WeightsBytes - position, chunk, crc);
        if (!keep)
        {
            CheckShared(stream, model);
        }
    }

    /// <summary>A table that several operators use leads nowhere outside in any of them, as each reads it by shapes of its own.</summary>
    private static void CheckShared(Stream stream, Model model)
    {
        long position = stream.Position;
        for (int i = 0; i < model.Operators.Length; i++)
        {
            Operator op = model.Operators[i];
            if (op.WeightsOwner is not null && Sparse.Is(op))
            {
                model.WeightStream.Fetch(op);
            }
        }

        stream.Seek(position, SeekOrigin.Begin);
    }

    /// <summary>Checks weights that stay in memory; operators that share a block share what was made of it.</summary>
    private static void AcceptKept(Operator op)
    {
        if (op.WeightsOwner is not null && op.HasPackedWeights)
        {
            op.PackedWeights = op.WeightsOwner.PackedWeights;
        }
        else
        {
            op.AcceptWeights(null);
        }
    }

    /// <summary>Reads past bytes for the checksum only.</summary>
    /// <param name="stream">What to read from.</param>
    /// <param name="count">How many bytes.</param>
    /// <param name="chunk">What an earlier call gave, or null.</param>
    /// <param name="crc">Takes the bytes.</param>
    internal static byte[] Skip(Stream stream, int count, byte[] chunk, Crc32 crc)
    {
        if (count > 0 && chunk is null)
        {
            chunk = new byte[512];
        }

        while (count > 0)
        {
            int part = count < chunk.Length ? count : chunk.Length;
            ReadExactly(stream, chunk, part);
            crc.Add(chunk, 0, part);
            count -= part;
        }

        return chunk;
    }

    /// <exception cref="BlobException">The stream is known to end before so many bytes.</exception>
    internal static void CheckLength(Stream stream, int count)
    {
        if (stream.CanSeek && stream.Length - stream.Position < count)
        {
            throw new BlobException(BlobError.Truncated, -1);
        }
    }

    private static void CheckChecksum(BlobHeader header, Crc32 crc)
    {
        if (crc.Value != header.Checksum)
        {
            throw new BlobException(BlobError.Checksum, -1);
        }
    }

    private static Resources ReadResources(BlobHeader header, byte[] blob)
    {
        var resources = new Resources();
        if (header.ResourcesOffset != 0)
        {
            resources.Find(header, blob);
        }

        return resources;
    }

    private static Model ReadPlan(BlobHeader header, byte[] plan, byte[] metadata, Stream weights, Resources resources, long start = 0)
    {
        CheckMetadata(header, plan);
        for (int i = header.PlanEnd; i < header.WeightsOffset; i++)
        {
            if (plan[i] != 0)
            {
                throw new BlobException(BlobError.Header, -1);
            }
        }

        var reader = new PlanReader(plan, header.TensorsStart, header.OperatorsStart, BlobError.Tensor);
        int[] inputs = ReadIndices(reader, header.InputCount);
        int[] outputs = ReadIndices(reader, header.OutputCount);
        reader.Align();
        Tensor[] tensors = ReadTensors(reader, header);
        Operator[] operators = ReadOperators(header, plan, tensors);

        WeightStream weightStream = null;
        if (weights is not null)
        {
            CheckLength(weights, header.WeightsBytes);
            weightStream = new WeightStream(weights, start + header.WeightsOffset, header.LargestWeights, LargestPacked(operators));
        }

        int metadataStart = metadata == plan ? BlobHeader.ByteCount : 0;
        return new Model(header, metadata, metadataStart, tensors, Pick(tensors, inputs), Pick(tensors, outputs), operators, weightStream, resources);
    }

    private static int LargestPacked(Operator[] operators)
    {
        int largest = 0;
        for (int i = 0; i < operators.Length; i++)
        {
            if (operators[i].PackedCount > largest)
            {
                largest = operators[i].PackedCount;
            }
        }

        return largest;
    }

    private static void CheckMetadata(BlobHeader header, byte[] plan)
    {
        var reader = new PlanReader(plan, BlobHeader.ByteCount, header.TensorsStart, BlobError.Metadata);
        uint seen = 0;
        while (!reader.AtEnd)
        {
            int tag = reader.U16();
            reader.Utf8(reader.U16());
            reader.Align();
            if (tag < 32)
            {
                if ((seen & (1u << tag)) != 0)
                {
                    throw reader.Bad();
                }

                seen |= 1u << tag;
            }
        }
    }

    private static int[] ReadIndices(PlanReader reader, int count)
    {
        var indices = new int[count];
        for (int i = 0; i < count; i++)
        {
            indices[i] = reader.U16();
        }

        return indices;
    }

    private static Tensor[] Pick(Tensor[] tensors, int[] indices)
    {
        var picked = new Tensor[indices.Length];
        for (int i = 0; i < indices.Length; i++)
        {
            if (indices[i] >= tensors.Length)
            {
                throw new BlobException(BlobError.Tensor, indices[i]);
            }

            picked[i] = tensors[indices[i]];
        }

        return picked;
    }

    private static Tensor[] ReadTensors(PlanReader reader, BlobHeader header)
    {
        var tensors = new Tensor[header.TensorCount];
        for (int i = 0; i < tensors.Length; i++)
        {
            reader.Index = i;
            int type = reader.U8();
            int rank = reader.U8();
            int flags = reader.U16();
            int arenaOffset = reader.U32(header.ArenaBytes);
            int scale = reader.I32();
            int zeroPoint = reader.I32();
            if (type < (int)TensorType.Int8 || type > (int)TensorType.Float32 || rank > MostRank || flags > StateFlag)
            {
                throw reader.Bad();
            }

            int[] dimensions = reader.I32Array(rank);
            int count = 1;
            for (int d = 0; d < rank; d++)
            {
                if (dimensions[d] <= 0 || dimensions[d] > MostElements / count)
                {
                    throw reader.Bad();
                }

                count *= dimensions[d];
            }

            var tensor = new Tensor((TensorType)type, dimensions, count, arenaOffset, scale, zeroPoint, flags == StateFlag);
            int size = Tensor.ElementSize(tensor.Type);
            if (tensor.ByteCount > header.ArenaBytes - arenaOffset || (arenaOffset & (size - 1)) != 0)
            {
                throw reader.Bad();
            }

            tensors[i] = tensor;
        }

        CheckStates(tensors);

        if (!reader.AtEnd)
        {
            throw reader.Bad();
        }

        return tensors;
    }

    /// <summary>A state can be set to its zero point, and no other tensor touches its bytes.</summary>
    private static void CheckStates(Tensor[] tensors)
    {
        for (int i = 0; i < tensors.Length; i++)
        {
            Tensor state = tensors[i];
            if (!state.IsState)
            {
                continue;
            }

            int most = state.Type == TensorType.Int8 ? sbyte.MaxValue : state.Type == TensorType.Int16 ? short.MaxValue : int.MaxValue;
            bool good = state.ZeroPoint <= most && state.ZeroPoint >= -most - 1;
            for (int k = 0; k < tensors.Length; k++)
            {
                Tensor other = tensors[k];
                good &= k == i || other.ArenaOffset >= state.ArenaOffset + state.ByteCount || state.ArenaOffset >= other.ArenaOffset + other.ByteCount;
            }

            if (!good)
            {
                throw new BlobException(BlobError.Tensor, i);
            }
        }
    }

    private static Operator[] ReadOperators(BlobHeader header, byte[] plan, Tensor[] tensors)
    {
        var reader = new PlanReader(plan, header.OperatorsStart, header.PlanEnd, BlobError.Operator);
        var operators = new Operator[header.OperatorCount];
        int weightsEnd = 0;
        int largest = 0;
        for (int i = 0; i < operators.Length; i++)
        {
            reader.Index = i;
            Operator op = ReadOperator(reader, header, tensors);
            if (op.WeightsLength != 0)
            {
                if (op.WeightsOffset < weightsEnd)
                {
                    Share(op, FindOwner(operators, op));
                }
                else
                {
                    weightsEnd = op.WeightsOffset + op.WeightsLength;
                }
            }

            if (op.WeightsLength > largest)
            {
                largest = op.WeightsLength;
            }

            Kernel.Validate(op, header);
            operators[i] = op;
        }

        if (!reader.AtEnd || largest != header.LargestWeights)
        {
            throw reader.Bad();
        }

        return operators;
    }

    /// <summary>Gives <paramref name="op"/> the weights of <paramref name="owner"/>, and what belongs to them unless it has its own.</summary>
    private static void Share(Operator op, Operator owner)
    {
        op.WeightsOwner = owner;
        if (op.Biases.Length == 0 && op.Multipliers.Length == 0)
        {
            op.Biases = owner.Biases;
            op.Multipliers = owner.Multipliers;
            op.Shifts = owner.Shifts;
        }
    }

    /// <summary>The first operator whose block <paramref name="op"/> uses: of the same kind and encoding, exactly the same bytes.</summary>
    private static Operator FindOwner(Operator[] operators, Operator op)
    {
        for (int i = 0; i < op.Index; i++)
        {
            Operator owner = operators[i];
            if (owner.WeightsOffset == op.WeightsOffset && owner.WeightsLength == op.WeightsLength && owner.Kind == op.Kind && owner.Encoding == op.Encoding)
            {
                return owner;
            }
        }

        throw new BlobException(BlobError.Weights, op.Index);
    }

    private static Operator ReadOperator(PlanReader reader, BlobHeader header, Tensor[] tensors)
    {
        int kind = reader.U8();
        int encoding = reader.U8();
        int inputs = reader.U8();
        int outputs = reader.U8();
        int parameters = reader.U16();
        int quantization = reader.U16();
        int biases = reader.I32();
        int weightsOffset = reader.I32();
        int weightsLength = reader.I32();
        if (inputs == 0 || outputs == 0 || inputs + outputs > MostTensorsOfOperator || parameters > MostParameters || biases < 0)
        {
            throw reader.Bad();
        }

        if (weightsOffset < 0 || weightsLength < 0 || (weightsOffset & 3) != 0 || weightsOffset > header.WeightsBytes
            || weightsLength > header.WeightsBytes - weightsOffset)
        {
            throw new BlobException(BlobError.Weights, reader.Index);
        }

        int[] inputIndices = ReadIndices(reader, inputs);
        int[] outputIndices = ReadIndices(reader, outputs);
        reader.Align();
        var op = new Operator(reader.Index, (OperatorKind)kind, encoding, Pick(tensors, inputIndices), Pick(tensors, outputIndices))
        {
            Parameters = reader.I32Array(parameters),
            Biases = reader.I32Array(biases),
            Multipliers = reader.I32Array(quantization),
            Shifts = reader.I8Array(quantization),
            WeightsOffset = weightsOffset,
            WeightsLength = weightsLength,
        };
        reader.Align();
        return op;
    }
}
