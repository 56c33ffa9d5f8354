using System.IO;

namespace TinyInference;

/// <summary>The resources section of a blob: reads and checks its table, and finds the bytes of a tag.</summary>
internal sealed class Resources
{
    private const int MostCount = 32;
    private const int EntryBytes = 12;

    private Resource[] _all;
    private int _count;

    /// <summary>Where the bytes of a resource are read from when they are asked for; null where they are in memory.</summary>
    private Stream _stream;

    private long _start;

    /// <summary>Takes the resources of a blob that is in memory, in place.</summary>
    internal void Find(BlobHeader header, byte[] blob)
    {
        int count = Count(blob, header.ResourcesOffset, header.FileBytes);
        ReadTable(header, blob, header.ResourcesOffset, header.FileBytes, count);
        for (int i = 0; i < count; i++)
        {
            _all[i].Bytes = blob;
        }
    }

    /// <summary>Reads from a stream that is at the end of the weights, to the end of the blob.</summary>
    /// <param name="stream">What to read from.</param>
    /// <param name="header">The blob's.</param>
    /// <param name="start">Where the blob begins in the stream.</param>
    /// <param name="keep">Take the bytes of each resource into memory; otherwise they are left where they are, and the stream must be able to seek.</param>
    /// <param name="crc">Takes all bytes.</param>
    internal void Read(Stream stream, BlobHeader header, long start, bool keep, Crc32 crc)
    {
        byte[] chunk = ModelReader.Skip(stream, header.ResourcesOffset - header.WeightsOffset - header.WeightsBytes, null, crc);
        var first = new byte[4];
        ModelReader.ReadExactly(stream, first, 0, first.Length);
        crc.Add(first, 0, first.Length);
        int count = Count(first, 0, first.Length);
        var table = new byte[4 + (EntryBytes * count)];
        ModelReader.ReadExactly(stream, table, 4, table.Length - 4);
        crc.Add(table, 4, table.Length - 4);
        ReadTable(header, table, 0, table.Length, count);
        int position = header.ResourcesOffset + table.Length;
        for (int i = 0; i < count; i++)
        {
            Resource resource = _all[i];
            chunk = ModelReader.Skip(stream, resource.Start - position, chunk, crc);
            position = resource.Start + resource.Length;
            if (keep)
            {
                ModelReader.CheckLength(stream, resource.Length);
                resource.Bytes = new byte[resource.Length];
                resource.Start = 0;
                ModelReader.ReadExactly(stream, resource.Bytes, 0, resource.Length);
                crc.Add(resource.Bytes, 0, resource.Length);
            }
            else
            {
                chunk = ModelReader.Skip(stream, resource.Length, chunk, crc);
            }
        }

        _stream = keep ? null : stream;
        _start = start;
    }

    internal Resource Get(int tag)
    {
        for (int i = 0; i < _count; i++)
        {
            Resource resource = _all[i];
            if (resource.Tag == tag)
            {
                return _stream is null ? resource : Fetch(resource);
            }
        }

        return null;
    }

    private Resource Fetch(Resource resource)
    {
        _stream.Seek(_start + resource.Start, SeekOrigin.Begin);
        ModelReader.CheckLength(_stream, resource.Length);
        var bytes = new byte[resource.Length];
        ModelReader.ReadExactly(_stream, bytes, 0, bytes.Length);
        return new Resource(resource.Tag, bytes, 0, bytes.Length);
    }

    private static int Count(byte[] bytes, int at, int end)
    {
        var reader = new PlanReader(bytes, at, end, BlobError.Resource);
        int count = reader.U16();
        if (reader.U16() != 0 || count == 0 || count > MostCount)
        {
            throw reader.Bad();
        }

        return count;
    }

    /// <summary>The entries: each resource lies behind the one before, the last one ends with the blob.</summary>
    private void ReadTable(BlobHeader header, byte[] bytes, int at, int bytesEnd, int count)
    {
        int tableEnd = header.ResourcesOffset + 4 + (EntryBytes * count);
        var reader = new PlanReader(bytes, at + 4, bytesEnd, BlobError.Resource);
        var all = new Resource[count];
        int end = tableEnd;
        for (int i = 0; i < count; i++)
        {
            reader.Index = i;
            int tag = reader.U16();
            int reserved = reader.U16();
            int start = reader.U32(header.FileBytes);
            int length = reader.U32(header.FileBytes);
            bool good = reserved == 0 && start == ((end + 3) & ~3) && length <= header.FileBytes - start;
            for (int k = 0; k < i; k++)
            {
                good &= all[k].Tag != tag;
            }

            if (!good)
            {
                throw reader.Bad();
            }

            all[i] = new Resource(tag, null, start, length);
            end = start + length;
        }

        if (end != header.FileBytes)
        {
            throw reader.Bad();
        }

        _all = all;
        _count = count;
    }
}
