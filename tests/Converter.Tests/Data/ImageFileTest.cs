using System.Buffers.Binary;
using System.IO.Compression;
using TinyInference;
using TinyInference.Converter;
using TinyInference.Converter.Data;
using TinyInference.Converter.Data.Images;
using TinyInference.Converter.Graphs;

namespace Converter.Tests.Data;

[TestClass]
public class ImageFileTest
{
    [TestMethod]
    [DataRow(0, 1)]
    [DataRow(0, 2)]
    [DataRow(0, 4)]
    [DataRow(0, 8)]
    [DataRow(0, 16)]
    [DataRow(2, 8)]
    [DataRow(2, 16)]
    [DataRow(3, 1)]
    [DataRow(3, 2)]
    [DataRow(3, 4)]
    [DataRow(3, 8)]
    [DataRow(4, 8)]
    [DataRow(4, 16)]
    [DataRow(6, 8)]
    [DataRow(6, 16)]
    public void A_png_of_every_kind_and_filter_is_read(int type, int depth)
    {
        const int Width = 7;
        const int Height = 6;
        int samples = type switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };
        int most = type == 3 ? Math.Min(1 << depth, 200) - 1 : (1 << depth) - 1;
        var random = new Random(type + depth);
        int[] values = [.. Enumerable.Range(0, Width * Height * samples).Select(_ => random.Next(most + 1))];
        byte[] palette = new byte[600];
        random.NextBytes(palette);
        byte[] file = Png(Width, Height, depth, type, samples, values, palette);

        Image image = ImageFile.Read(file, "a.png");

        Assert.AreEqual(type is 0 or 4 ? 1 : 3, image.Channels);
        for (int i = 0; i < Width * Height; i++)
        {
            for (int c = 0; c < image.Channels; c++)
            {
                int Eight(int value) => depth == 16 ? value >> 8 : value * 255 / most;
                int alpha = type >= 4 ? Eight(values[((i + 1) * samples) - 1]) : 255;
                int expected = type == 3 ? palette[(3 * values[i]) + c] : Eight(values[(i * samples) + c]) * alpha / 255;
                Assert.AreEqual(expected, image.Pixels[(i * image.Channels) + c], $"pixel {i}, channel {c}");
            }
        }
    }

    [TestMethod]
    public void A_damaged_png_is_refused_and_nothing_else_escapes()
    {
        byte[] good = Png(5, 4, 8, 2, 3, [.. Enumerable.Range(0, 60)], []);
        for (int length = 0; length < good.Length; length++)
        {
            Assert.ThrowsExactly<InputException>(() => ImageFile.Read(good[..length], "a.png"));
        }

        for (int i = 0; i < good.Length; i++)
        {
            byte[] bad = (byte[])good.Clone();
            bad[i] ^= 0x41;
            Assert.ThrowsExactly<InputException>(() => ImageFile.Read(bad, "a.png"));
        }
    }

    [TestMethod]
    public void What_cannot_be_read_is_refused_with_a_hint()
    {
        byte[] interlaced = Png(1, 1, 8, 0, 1, [0], [], interlace: 1);
        StringAssert.Contains(Refusal(interlaced), "interlaced");
        StringAssert.Contains(Refusal([0xFF, 0xD8, 0xFF, 0xE0]), "JPEG");
        StringAssert.Contains(Refusal([.. "GIF89a"u8]), "PNG, BMP, PPM and PGM");
        StringAssert.Contains(Refusal([.. "P4 8 1 "u8, 0]), "PBM");
        StringAssert.Contains(Refusal([.. "P5 99999 99999 255 "u8, 0]), "99999 x 99999");
        StringAssert.Contains(Refusal([.. "P5 9 9 255 "u8, 0]), "cut off");
        StringAssert.Contains(Refusal(Bmp(24)[..60]), "cut off");
    }

    [TestMethod]
    [DataRow("P2 2 1 # grey\n 15\n 0 15")]
    [DataRow("P5 2 1 255\n\0\u00ff")]
    [DataRow("P5 2 1 65535\n\0\0\u00ff\u00ff")]
    public void A_pgm_is_read(string text)
    {
        Image image = ImageFile.Read(System.Text.Encoding.Latin1.GetBytes(text), "a.pgm");
        CollectionAssert.AreEqual(new byte[] { 0, 255 }, image.Pixels);
    }

    [TestMethod]
    [DataRow(24)]
    [DataRow(32)]
    public void A_bmp_stands_upside_down_and_blue_comes_first(int bits)
    {
        Image image = ImageFile.Read(Bmp(bits), "a.bmp");
        CollectionAssert.AreEqual(new byte[] { 1, 2, 3, 4, 5, 6 }, image.Pixels);
    }

    [TestMethod]
    public void Shrinking_averages_and_growing_interpolates()
    {
        var steps = new Image(1, 4, 1, [0, 0, 200, 200]);
        Image half = ImageResizer.Resize(steps, 1, 2);
        Assert.AreEqual(200, half.Pixels[0] + half.Pixels[1], 2);
        Assert.IsTrue(half.Pixels[0] < 40);
        Image twice = ImageResizer.Resize(new Image(1, 2, 1, [0, 100]), 2, 4);
        CollectionAssert.AreEqual(new byte[] { 0, 25, 75, 100, 0, 25, 75, 100 }, twice.Pixels);
        Image flat = ImageResizer.Resize(new Image(9, 7, 3, [.. Enumerable.Repeat((byte)77, 189)]), 4, 5);
        Assert.IsTrue(flat.Pixels.All(p => p == 77));
    }

    [TestMethod]
    public void A_folder_for_each_class_becomes_a_data_set_of_the_networks_size()
    {
        using var files = new TemporaryFiles();
        files.Write("cat/1.png", Png(4, 4, 8, 2, 3, [.. Enumerable.Repeat(100, 48)], []));
        files.Write("dog/1.pgm", [.. "P5 2 2 255\n"u8, 50, 50, 50, 50]);
        files.Write("dog/2.bmp", Bmp(24));
        Dataset data = DatasetLoader.Load(files.Folder, new DatasetOptions { ImageShape = new Shape(3, 3, 1) });
        Assert.AreEqual(3, data.Count);
        Assert.AreEqual(new Shape(3, 3, 1), data.SampleShape);
        CollectionAssert.AreEqual(new[] { 0, 1, 1 }, data.Labels);
        CollectionAssert.AreEqual(new[] { "cat", "dog" }, data.ClassNames!.ToArray());
        float[] sample = new float[9];
        data.Read(0, sample);
        Assert.IsTrue(sample.All(x => x == 100));
        StringAssert.Contains(data.Notices.Single(), "3 x 3");

        files.Write("dog/3.jpg", [0xFF, 0xD8, 0xFF, 0xE0]);
        InputException error = Assert.ThrowsExactly<InputException>(() => DatasetLoader.Load(files.Folder, DatasetOptions.Default));
        StringAssert.Contains(error.Message, "3.jpg: is a JPEG");
    }

    private static string Refusal(byte[] file) => Assert.ThrowsExactly<InputException>(() => ImageFile.Read(file, "a")).Message;

    /// <summary>Two pixels above each other: 1 2 3 over 4 5 6.</summary>
    private static byte[] Bmp(int bits)
    {
        byte[] file = new byte[54 + 8];
        file[0] = (byte)'B';
        file[1] = (byte)'M';
        file[10] = 54;
        file[14] = 40;
        file[18] = 1;
        file[22] = 2;
        file[26] = 1;
        file[28] = (byte)bits;
        new byte[] { 6, 5, 4 }.CopyTo(file, 54);
        new byte[] { 3, 2, 1 }.CopyTo(file, 58);
        return file;
    }

    /// <summary>Row y has filter y % 5.</summary>
    private static byte[] Png(int width, int height, int depth, int type, int samples, int[] values, byte[] palette, byte interlace = 0)
    {
        int rowBytes = ((width * samples * depth) + 7) / 8;
        int pixelBytes = Math.Max(1, samples * depth / 8);
        byte[] above = new byte[rowBytes];
        using var filtered = new MemoryStream();
        for (int y = 0; y < height; y++)
        {
            byte[] row = new byte[rowBytes];
            for (int i = 0; i < width * samples; i++)
            {
                int value = values[(y * width * samples) + i];
                int bit = i * depth;
                if (depth == 16)
                {
                    (row[2 * i], row[(2 * i) + 1]) = ((byte)(value >> 8), (byte)value);
                }
                else
                {
                    row[bit / 8] |= (byte)(value << (8 - depth - (bit % 8)));
                }
            }

            filtered.WriteByte((byte)(y % 5));
            for (int i = 0; i < rowBytes; i++)
            {
                int left = i >= pixelBytes ? row[i - pixelBytes] : 0;
                int corner = i >= pixelBytes ? above[i - pixelBytes] : 0;
                int nearest = new[] { left, above[i], corner }.MinBy(v => Math.Abs(left + above[i] - corner - v));
                filtered.WriteByte((byte)(row[i] - (y % 5) switch { 1 => left, 2 => above[i], 3 => (left + above[i]) / 2, 4 => nearest, _ => 0 }));
            }

            above = row;
        }

        using var packed = new MemoryStream();
        using (var deflate = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            deflate.Write(filtered.ToArray());
        }

        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9], header[12]) = ((byte)depth, (byte)type, interlace);
        return [0x89, .. "PNG\r\n"u8, 0x1A, 0x0A, .. Chunk("IHDR", header), .. type == 3 ? Chunk("PLTE", palette) : [], .. Chunk("IDAT", packed.ToArray()), .. Chunk("IEND", [])];
    }

    private static byte[] Chunk(string type, byte[] body)
    {
        byte[] chunk = new byte[12 + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(chunk, body.Length);
        System.Text.Encoding.ASCII.GetBytes(type).CopyTo(chunk, 4);
        body.CopyTo(chunk, 8);
        var crc = new Crc32();
        crc.Add(chunk, 4, body.Length + 4);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + body.Length), crc.Value);
        return chunk;
    }
}
