using System.Buffers.Binary;

namespace TinyInference.Converter.Data.Images;

/// <summary>Windows bitmaps without compression: 1, 4, 8 bits with a palette, 24 and 32 bits.</summary>
internal static class BmpDecoder
{
    private const int FileHeaderBytes = 14;

    /// <exception cref="InputException">The file is damaged or compressed.</exception>
    public static Image Read(byte[] file, string name)
    {
        if (file.Length < FileHeaderBytes + 40)
        {
            throw new InputException($"{name}: the BMP is cut off");
        }

        int pixelsAt = Int(file, 10);
        int headerBytes = Int(file, FileHeaderBytes);
        int width = Int(file, 18);
        long height = Int(file, 22);
        int bits = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(28));
        int compression = Int(file, 30);
        bool topDown = height < 0;
        height = Math.Abs(height);
        Image.CheckExtents(width, height, name);

        // Bit fields of 32-bit pixels are blue, green, red in all but curious files.
        if (headerBytes < 40 || bits is not (1 or 4 or 8 or 24 or 32) || !(compression == 0 || (compression == 3 && bits == 32)))
        {
            throw new InputException($"{name}: is a BMP of {bits} bits with compression {compression}, which this tool cannot read; save it as PNG or as BMP of 24 bits");
        }

        long stride = ((((long)width * bits) + 31) / 32) * 4;
        if (pixelsAt < 0 || pixelsAt + (stride * height) > file.Length)
        {
            throw new InputException($"{name}: the BMP is cut off: {width} x {height} pixels of {bits} bits do not fit into {file.Length:N0} bytes");
        }

        byte[] pixels = new byte[width * (int)height * 3];
        int paletteAt = FileHeaderBytes + headerBytes;
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<byte> row = file.AsSpan((int)(pixelsAt + ((topDown ? y : height - 1 - y) * stride)), (int)stride);
            for (int x = 0; x < width; x++)
            {
                ReadOnlySpan<byte> bgr = bits >= 24
                    ? row.Slice(x * bits / 8, 3)
                    : file.AsSpan(paletteAt + (4 * ((row[x * bits / 8] >> (8 - bits - (x * bits % 8))) & ((1 << bits) - 1))), 3);
                int to = ((y * width) + x) * 3;
                (pixels[to], pixels[to + 1], pixels[to + 2]) = (bgr[2], bgr[1], bgr[0]);
            }
        }

        return new Image((int)height, width, 3, pixels);
    }

    private static int Int(byte[] file, int at) => BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at));
}
