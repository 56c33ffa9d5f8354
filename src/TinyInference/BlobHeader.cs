namespace TinyInference;

/// <summary>The first 64 bytes of a blob, checked against each other and against the limits of docs/SPEC.md.</summary>
internal sealed class BlobHeader
{
    internal const int ByteCount = 64;

    /// <summary>The checksum covers everything from here on.</summary>
    internal const int ChecksumStart = 16;

    private const int MostFileBytes = 256 << 20;
    private const int MostArenaBytes = 64 << 20;
    private const int MostScratch = 65536;
    private const int MostCount = 4096;
    private const uint Magic = 0x464E4954;
    private const int FormatVersion = 1;

    internal readonly int FileBytes;
    internal readonly uint Checksum;
    internal readonly int ArenaBytes;
    internal readonly int Scratch32;
    internal readonly int Scratch64;
    internal readonly int TensorCount;
    internal readonly int OperatorCount;
    internal readonly int InputCount;
    internal readonly int OutputCount;
    internal readonly int MetadataBytes;
    internal readonly int TensorsBytes;
    internal readonly int OperatorsBytes;
    internal readonly int WeightsOffset;
    internal readonly int WeightsBytes;
    internal readonly int LargestWeights;

    /// <summary>Where the resources begin; 0 where there are none.</summary>
    internal readonly int ResourcesOffset;

    /// <param name="bytes">The blob's first bytes, <see cref="ByteCount"/> or more.</param>
    /// <exception cref="BlobException">They are no valid header.</exception>
    internal BlobHeader(byte[] bytes)
    {
        var reader = new PlanReader(bytes, 0, ByteCount, BlobError.Header);
        if ((uint)reader.I32() != Magic)
        {
            throw new BlobException(BlobError.Magic, -1);
        }

        if (reader.U16() != FormatVersion)
        {
            throw new BlobException(BlobError.Version, -1);
        }

        int headerBytes = reader.U16();
        FileBytes = reader.U32(MostFileBytes);
        Checksum = (uint)reader.I32();
        ArenaBytes = reader.U32(MostArenaBytes);
        Scratch32 = reader.U32(MostScratch);
        Scratch64 = reader.U32(MostScratch);
        TensorCount = reader.U16();
        OperatorCount = reader.U16();
        InputCount = reader.U16();
        OutputCount = reader.U16();
        MetadataBytes = reader.U32(FileBytes);
        TensorsBytes = reader.U32(FileBytes);
        OperatorsBytes = reader.U32(FileBytes);
        WeightsOffset = reader.U32(FileBytes);
        WeightsBytes = reader.U32(FileBytes);
        LargestWeights = reader.U32(WeightsBytes);
        ResourcesOffset = reader.U32(FileBytes);

        // Each term is at most 2^28: the sum cannot overflow.
        int planBytes = ByteCount + MetadataBytes + TensorsBytes + OperatorsBytes;
        int weightsEnd = ResourcesOffset == 0 ? FileBytes : WeightsOffset + WeightsBytes;
        if (headerBytes != ByteCount
            || ((MetadataBytes | TensorsBytes | OperatorsBytes) & 3) != 0
            || WeightsOffset != ((planBytes + 7) & ~7)
            || weightsEnd - WeightsOffset != WeightsBytes
            || (ResourcesOffset != 0 && ResourcesOffset != ((weightsEnd + 3) & ~3))
            || TensorCount > MostCount || OperatorCount > MostCount
            || InputCount == 0 || InputCount > TensorCount || OutputCount == 0 || OutputCount > TensorCount)
        {
            throw reader.Bad();
        }
    }

    internal int TensorsStart => ByteCount + MetadataBytes;

    internal int OperatorsStart => TensorsStart + TensorsBytes;

    internal int PlanEnd => OperatorsStart + OperatorsBytes;
}
