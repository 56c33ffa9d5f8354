using System.Buffers.Binary;
using System.IO.Compression;

namespace TinyInference.Converter.Data.Images;

/// <summary>PNG (ISO/IEC 15948): every colour type and depth, without interlacing. Transparent pixels are shown over black.</summary>
internal static class PngDecoder
{
    private const int Palette = 3;

    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <exception cref="InputException">The file is damaged or interlaced.</exception>
    public static Image Read(byte[] file, string name)
    {
        Header? header = null;
        byte[] palette = [];
        byte[] transparency = [];
        using var data = new MemoryStream();
        for (int at = Signature.Length; ;)
        {
            if (at + 12 > file.Length)
            {
                throw new InputException($"{name}: the PNG is cut off");
            }

            uint length = BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at));
            if (length > file.Length - at - 12)
            {
                throw new InputException($"{name}: the PNG is cut off");
            }

            ReadOnlySpan<byte> type = file.AsSpan(at + 4, 4);
            ReadOnlySpan<byte> body = file.AsSpan(at + 8, (int)length);
            CheckChecksum(file, at, (int)length, name);
            at += 12 + (int)length;
            if (type.SequenceEqual("IHDR"u8))
            {
                header = Header.Read(body, name);
            }
            else if (type.SequenceEqual("PLTE"u8))
            {
                palette = body.ToArray();
            }
            else if (type.SequenceEqual("tRNS"u8))
            {
                transparency = body.ToArray();
            }
            else if (type.SequenceEqual("IDAT"u8))
            {
                data.Write(body);
            }
            else if (type.SequenceEqual("IEND"u8))
            {
                break;
            }
        }

        return header is null
            ? throw new InputException($"{name}: the PNG has no header")
            : Decode(header, Inflate(header, data, name), palette, transparency, name);
    }

    private static void CheckChecksum(byte[] file, int at, int length, string name)
    {
        var crc = new Crc32();
        crc.Add(file, at + 4, length + 4);
        if (crc.Value != BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at + 8 + length)))
        {
            throw new InputException($"{name}: the PNG is damaged (a checksum does not fit)");
        }
    }

    /// <summary>The filtered rows, each after its filter's number.</summary>
    private static byte[] Inflate(Header header, MemoryStream data, string name)
    {
        // Deflate cannot make more than 1032 bytes of one.
        long needed = (header.RowBytes + 1L) * header.Height;
        if (needed > (data.Length * 1032) + 64)
        {
            throw new InputException($"{name}: the PNG is cut off: {data.Length:N0} bytes cannot hold {header.Width} x {header.Height} pixels");
        }

        byte[] rows = new byte[needed];
        data.Position = 0;
        try
        {
            using var inflater = new ZLibStream(data, CompressionMode.Decompress);
            inflater.ReadExactly(rows);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw new InputException($"{name}: the PNG is damaged or cut off", e);
        }

        return rows;
    }

    private static Image Decode(Header header, byte[] rows, byte[] palette, byte[] transparency, string name)
    {
        int channels = header.ColourType is 0 or 4 ? 1 : 3;
        byte[] pixels = new byte[header.Width * header.Height * channels];
        byte[] previous = new byte[header.RowBytes];
        for (int y = 0; y < header.Height; y++)
        {
            int start = y * (header.RowBytes + 1);
            Span<byte> row = rows.AsSpan(start + 1, header.RowBytes);
            Unfilter(rows[start], row, previous, header.PixelBytes, name);
            row.CopyTo(previous);
            for (int x = 0; x < header.Width; x++)
            {
                Span<byte> pixel = pixels.AsSpan(((y * header.Width) + x) * channels, channels);
                if (header.ColourType == Palette)
                {
                    FromPalette(Sample(row, x, header.Depth), palette, transparency, pixel, name);
                }
                else
                {
                    FromSamples(row, x, header, pixel);
                }
            }
        }

        return new Image(header.Height, header.Width, channels, pixels);
    }

    private static void FromPalette(int index, byte[] palette, byte[] transparency, Span<byte> pixel, string name)
    {
        if ((3 * index) + 3 > palette.Length)
        {
            throw new InputException($"{name}: the PNG names colour {index}, its palette has {palette.Length / 3}");
        }

        int alpha = index < transparency.Length ? transparency[index] : 255;
        for (int c = 0; c < 3; c++)
        {
            pixel[c] = (byte)(palette[(3 * index) + c] * alpha / 255);
        }
    }

    private static void FromSamples(ReadOnlySpan<byte> row, int x, Header header, Span<byte> pixel)
    {
        // Depths below 8 are spread over 0 to 255; of 16 bits the upper 8 are used.
        int scale = header.Depth < 8 ? 255 / ((1 << header.Depth) - 1) : 1;
        int alpha = header.ColourType >= 4 ? Sample(row, ((x + 1) * header.Samples) - 1, header.Depth) : 255;
        for (int c = 0; c < pixel.Length; c++)
        {
            pixel[c] = (byte)(Sample(row, (x * header.Samples) + c, header.Depth) * scale * alpha / 255);
        }
    }

    private static int Sample(ReadOnlySpan<byte> row, int index, int depth) => depth switch
    {
        8 => row[index],
        16 => row[2 * index],
        _ => (row[index * depth / 8] >> (8 - depth - (index * depth % 8))) & ((1 << depth) - 1),
    };

    /// <summary>Clause 9.2: each byte is predicted from those left of it, above it, and above that.</summary>
    private static void Unfilter(int filter, Span<byte> row, ReadOnlySpan<byte> above, int pixelBytes, string name)
    {
        for (int i = 0; i < row.Length; i++)
        {
            int left = i >= pixelBytes ? row[i - pixelBytes] : 0;
            int corner = i >= pixelBytes ? above[i - pixelBytes] : 0;
            int predicted = filter switch
            {
                0 => 0,
                1 => left,
                2 => above[i],
                3 => (left + above[i]) / 2,
                4 => Paeth(left, above[i], corner),
                _ => throw new InputException($"{name}: the PNG is damaged (filter {filter})"),
            };
            row[i] = (byte)(row[i] + predicted);
        }
    }

    private static int Paeth(int left, int above, int corner)
    {
        int estimate = left + above - corner;
        int toLeft = Math.Abs(estimate - left);
        int toAbove = Math.Abs(estimate - above);
        int toCorner = Math.Abs(estimate - corner);
        return toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner;
    }

    private sealed record Header(int Width, int Height, int Depth, int ColourType)
    {
        /// <summary>Numbers in a pixel.</summary>
        public int Samples => ColourType switch
        {
            2 => 3,
            4 => 2,
            6 => 4,
            _ => 1,
        };

        public int RowBytes => (int)((((long)Width * Samples * Depth) + 7) / 8);

        /// <summary>From a byte to its left neighbour, for filters.</summary>
        public int PixelBytes => Math.Max(1, Samples * Depth / 8);

        public static Header Read(ReadOnlySpan<byte> body, string name)
        {
            if (body.Length != 13)
            {
                throw new InputException($"{name}: the PNG's header is damaged");
            }

            long width = BinaryPrimitives.ReadUInt32BigEndian(body);
            long height = BinaryPrimitives.ReadUInt32BigEndian(body[4..]);
            Image.CheckExtents(width, height, name);
            (int depth, int type) = (body[8], body[9]);
            bool fits = type switch
            {
                0 => depth is 1 or 2 or 4 or 8 or 16,
                Palette => depth is 1 or 2 or 4 or 8,
                2 or 4 or 6 => depth is 8 or 16,
                _ => false,
            };
            if (!fits || body[10] != 0 || body[11] != 0)
            {
                throw new InputException($"{name}: the PNG's header is damaged (colour type {type}, depth {depth})");
            }

            return body[12] == 0
                ? new Header((int)width, (int)height, depth, type)
                : throw new InputException($"{name}: is an interlaced PNG, which this tool cannot read; save it without interlacing, for example: mogrify -interlace none *.png");
        }
    }
}
