using System.Text;
using TinyInference.Converter.Lowering;
using TinyInference.Converter.Planning;

namespace TinyInference.Converter.Emission;

/// <summary>Writes a planned program as a blob, byte by byte as docs/SPEC.md describes it.</summary>
internal static class BlobWriter
{
    private const uint Magic = 0x464E4954;
    private const int FormatVersion = 1;
    private const int HeaderBytes = 64;
    private const int ChecksumStart = 16;
    private const int MostCount = 4096;
    private const int MostFileBytes = 256 << 20;
    private const int MostTextBytes = ushort.MaxValue;
    private const int MostParameters = 256;
    private const int MostResources = 32;
    private const int ResourceEntryBytes = 12;
    private const int StateFlag = 1;

    /// <exception cref="InputException">The program exceeds what a blob can hold.</exception>
    public static void Write(BlobProgram program, MemoryPlan plan, Stream stream)
    {
        byte[] blob = ToBytes(program, plan);
        stream.Write(blob);
    }

    /// <summary>As <see cref="Write"/>, in memory.</summary>
    /// <param name="withNames">Keep the names of operators and tensors, which only people and tools read.</param>
    public static byte[] ToBytes(BlobProgram program, MemoryPlan plan, bool withNames = true)
    {
        if (program.Tensors.Count > MostCount || program.Operators.Count > MostCount)
        {
            throw new InputException($"the network has {program.Operators.Count} operators and {program.Tensors.Count} tensors; a blob holds at most {MostCount} of each");
        }

        SectionWriter metadata = MetadataSection(program, withNames);
        SectionWriter tensors = TensorSection(program, plan);
        var weights = new WeightBlocks(program, MostFileBytes);
        SectionWriter operators = OperatorSection(program, plan, weights);
        int weightsOffset = (HeaderBytes + metadata.Length + tensors.Length + operators.Length + 7) & ~7;
        int weightsEnd = weightsOffset + weights.Bytes;
        int resourcesOffset = program.Resources.Count == 0 ? 0 : (weightsEnd + 3) & ~3;
        long fileBytes = program.Resources.Count == 0 ? weightsEnd : ResourcesEnd(program, resourcesOffset);
        if (fileBytes > MostFileBytes)
        {
            throw new InputException($"the blob would have {fileBytes} bytes; at most {MostFileBytes} are possible");
        }

        var file = new SectionWriter();
        file.I32([unchecked((int)Magic), FormatVersion | (HeaderBytes << 16), (int)fileBytes, 0]);
        file.I32([plan.ArenaBytes, program.Scratch32, program.Scratch64]);
        file.U16(program.Tensors.Count);
        file.U16(program.Operators.Count);
        file.U16(program.Inputs.Count);
        file.U16(program.Outputs.Count);
        file.I32([metadata.Length, tensors.Length, operators.Length, weightsOffset, weights.Bytes]);
        file.I32([program.Operators.Select(o => o.Weights.Length).DefaultIfEmpty(0).Max(), resourcesOffset]);
        file.Raw(metadata.Bytes);
        file.Raw(tensors.Bytes);
        file.Raw(operators.Bytes);
        file.Align(8);
        foreach (BlobOperator op in program.Operators.Where((o, i) => o.Weights.Length > 0 && weights.Owners[i] < 0))
        {
            file.Align(4);
            file.I8(op.Weights);
        }

        AddResources(program, file);
        byte[] bytes = file.Bytes.ToArray();
        var crc = new Crc32();
        crc.Add(bytes, ChecksumStart, bytes.Length - ChecksumStart);
        BitConverter.TryWriteBytes(bytes.AsSpan(12), crc.Value);
        return bytes;
    }

    private static SectionWriter MetadataSection(BlobProgram program, bool withNames)
    {
        var section = new SectionWriter();
        Entry(Metadata.Name, program.Name);
        Entry(Metadata.Labels, program.Metadata.GetValueOrDefault(MetadataKeys.Labels));
        Entry(Metadata.InputPreparation, program.Metadata.GetValueOrDefault(MetadataKeys.InputPreparation));
        if (withNames)
        {
            Entry(Metadata.OperatorNames, string.Join('\n', BlobNames.ShortenAll(program.Operators.Select(o => o.Name))));
            Entry(Metadata.TensorNames, string.Join('\n', BlobNames.ShortenAll(program.Tensors.Select(t => t.Name))));
        }

        Entry(Metadata.Task, program.Metadata.GetValueOrDefault(MetadataKeys.Task));
        Entry(Metadata.Patches, string.Join(';', program.Patches.Select(p => p.ToText())));
        Entry(Metadata.FeatureNames, program.Metadata.GetValueOrDefault(MetadataKeys.Features));
        return section;

        void Entry(int tag, string? text)
        {
            // An entry is for people: what is too long for one is left out.
            if (text is { Length: > 0 } && Encoding.UTF8.GetByteCount(text) <= MostTextBytes)
            {
                byte[] bytes = Encoding.UTF8.GetBytes(text);
                section.U16(tag);
                section.U16(bytes.Length);
                section.Raw(bytes);
                section.Align(4);
            }
        }
    }

    private static SectionWriter TensorSection(BlobProgram program, MemoryPlan plan)
    {
        var section = new SectionWriter();
        program.Inputs.ForEach(t => section.U16(program.Tensors.IndexOf(t)));
        program.Outputs.ForEach(t => section.U16(program.Tensors.IndexOf(t)));
        section.Align(4);
        foreach (BlobTensor tensor in program.Tensors)
        {
            section.U8((int)tensor.Type);
            section.U8(tensor.Shape.Rank);
            section.U16(tensor.IsState ? StateFlag : 0);
            section.I32(plan.Offsets[tensor]);
            section.I32(tensor.Quantization is null ? 0 : BitConverter.SingleToInt32Bits(tensor.Scale));
            section.I32(tensor.Quantization is null ? 0 : tensor.ZeroPoint);
            section.I32(tensor.Shape);
        }

        return section;
    }

    private static SectionWriter OperatorSection(BlobProgram program, MemoryPlan plan, WeightBlocks weights)
    {
        Dictionary<BlobTensor, int> indices = program.Tensors.Select((t, i) => (t, i)).ToDictionary(p => p.t, p => p.i);
        var section = new SectionWriter();
        for (int i = 0; i < program.Operators.Count; i++)
        {
            BlobOperator op = program.Operators[i];
            int[] parameters = op.Parameters;
            if (parameters.Length > MostParameters)
            {
                throw new InputException($"{op} needs {parameters.Length} parameters; a blob holds at most {MostParameters}");
            }

            if (plan.PatchOffsets[i] >= 0)
            {
                parameters = (int[])parameters.Clone();
                parameters[BlobProgram.PatchParameter] = plan.PatchOffsets[i];
            }

            // What belongs to the weights need not be there twice either.
            bool isOwn = weights.Owners[i] < 0 || !op.HasFactorsOf(program.Operators[weights.Owners[i]]);
            section.U8((int)op.Kind);
            section.U8(op.Encoding);
            section.U8(op.Inputs.Length);
            section.U8(1);
            section.U16(parameters.Length);
            section.U16(isOwn ? op.Multipliers.Length : 0);
            section.I32([isOwn ? op.Biases.Length : 0, weights.Offsets[i], op.Weights.Length]);
            Array.ForEach(op.Inputs, t => section.U16(indices[t]));
            section.U16(indices[op.Output]);
            section.Align(4);
            section.I32(parameters);
            if (isOwn)
            {
                section.I32(op.Biases);
                section.I32(op.Multipliers);
                section.I8(op.Shifts);
                section.Align(4);
            }
        }

        return section;
    }

    private static long ResourcesEnd(BlobProgram program, int offset)
    {
        if (program.Resources.Count > MostResources)
        {
            throw new InputException($"the blob would carry {program.Resources.Count} resources; at most {MostResources} are possible");
        }

        return program.Resources.Aggregate(offset + 4L + (ResourceEntryBytes * program.Resources.Count), (end, r) => ((end + 3) & ~3L) + r.Bytes.Length);
    }

    private static void AddResources(BlobProgram program, SectionWriter file)
    {
        if (program.Resources.Count == 0)
        {
            return;
        }

        file.Align(4);
        int end = file.Length + 4 + (ResourceEntryBytes * program.Resources.Count);
        file.U16(program.Resources.Count);
        file.U16(0);
        foreach (BlobResource resource in program.Resources)
        {
            file.U16(resource.Tag);
            file.U16(0);
            file.I32([end, resource.Bytes.Length]);
            end = (end + resource.Bytes.Length + 3) & ~3;
        }

        foreach (BlobResource resource in program.Resources)
        {
            file.Align(4);
            file.Raw(resource.Bytes);
        }
    }
}
