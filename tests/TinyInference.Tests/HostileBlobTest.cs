using System.Buffers.Binary;

namespace TinyInference.Tests;

/// <summary>Whatever the bytes, loading either fails with a <see cref="BlobException"/> or gives a model that runs.</summary>
[TestClass]
public class HostileBlobTest
{
    private static readonly int[] s_corners =
    [
        0, 1, -1, 2, 3, 4, 64, 127, 128, -128, -129, 255, 256, 4095, 4096, 65535, 65536, 1 << 20, 1 << 24, (1 << 24) + 1, 1 << 28, 1 << 30,
        int.MaxValue, int.MaxValue - 1, int.MinValue, int.MinValue + 1,
    ];

    private static readonly Lazy<(string Name, byte[] Blob)[]> s_blobs = new(() => [.. SampleBlobs.All()]);

    [TestMethod]
    public void Every_sample_is_valid()
    {
        foreach ((string name, byte[] blob) in s_blobs.Value)
        {
            Assert.IsTrue(LoadAndRun(blob), name);
        }
    }

    [TestMethod]
    public void Every_truncation_is_refused()
    {
        foreach ((string name, byte[] blob) in s_blobs.Value)
        {
            for (int length = 0; length < blob.Length; length++)
            {
                byte[] start = blob[..length];
                Assert.AreEqual(BlobError.Truncated, Assert.ThrowsExactly<BlobException>(() => Model.Load(start), name).Error);
                Assert.AreEqual(BlobError.Truncated, Assert.ThrowsExactly<BlobException>(() => Model.Load(new MemoryStream(start), false), name).Error);
            }
        }
    }

    [TestMethod]
    public void Every_flipped_bit_is_found_by_the_checksum()
    {
        byte[] blob = SampleBlobs.Network();
        for (int bit = 0; bit < blob.Length * 8; bit++)
        {
            byte[] flipped = [.. blob];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.ThrowsExactly<BlobException>(() => Model.Load(flipped), $"bit {bit}");
        }
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    public void Mutations_with_a_right_checksum_load_and_run_or_are_refused()
    {
        int refused = 0;
        int ran = 0;
        Dice.Throw(24_000, dice =>
        {
            (string name, byte[] original) = s_blobs.Value[dice.Between(0, s_blobs.Value.Length - 1)];
            byte[] blob = [.. original];
            for (int i = dice.Between(1, 3); i > 0; i--)
            {
                Mutate(blob, dice);
            }

            _ = LoadAndRun(BlobBuilder.WithChecksum(blob)) ? ran++ : refused++;
        });
        Console.WriteLine($"{refused} refused, {ran} ran");
        Assert.IsTrue(refused > 2_000 && ran > 2_000, $"{refused} refused, {ran} ran: the mutations miss one side");
    }

    [TestMethod]
    public void Random_bytes_are_refused() => Dice.Throw(2_000, dice =>
    {
        byte[] blob = (byte[])(object)dice.Int8s(dice.Between(64, 400));
        BinaryPrimitives.WriteInt32LittleEndian(blob, 0x464E4954);
        BinaryPrimitives.WriteInt32LittleEndian(blob.AsSpan(4), 1 | (64 << 16));
        BinaryPrimitives.WriteInt32LittleEndian(blob.AsSpan(8), blob.Length);
        Assert.IsFalse(LoadAndRun(BlobBuilder.WithChecksum(blob)));
    });

    private static void Mutate(byte[] blob, Dice dice)
    {
        // Sections begin behind the header; the last bytes are weights, which may hold anything where they are no table.
        int planEnd = BinaryPrimitives.ReadInt32LittleEndian(blob.AsSpan(48));
        int end = (planEnd > 67 && planEnd <= blob.Length && dice.Between(0, 4) != 0 ? planEnd : blob.Length) & ~3;
        int at = dice.Between(dice.Between(0, 4) == 0 ? 8 : 64, end - 1);
        int word = at & ~3;
        switch (dice.Between(0, 5))
        {
            case 0:
                blob[at] ^= (byte)(1 << dice.Between(0, 7));
                break;
            case 1:
                blob[at] = (byte)dice.Int8();
                break;
            case 2:
                BinaryPrimitives.WriteInt32LittleEndian(blob.AsSpan(word), s_corners[dice.Between(0, s_corners.Length - 1)]);
                break;
            case 3:
                int other = dice.Between(64, end - 1) & ~3;
                (int a, int b) = (BinaryPrimitives.ReadInt32LittleEndian(blob.AsSpan(word)), BinaryPrimitives.ReadInt32LittleEndian(blob.AsSpan(other)));
                BinaryPrimitives.WriteInt32LittleEndian(blob.AsSpan(word), b);
                BinaryPrimitives.WriteInt32LittleEndian(blob.AsSpan(other), a);
                break;
            case 4:
                int value = BinaryPrimitives.ReadInt32LittleEndian(blob.AsSpan(word));
                BinaryPrimitives.WriteInt32LittleEndian(blob.AsSpan(word), unchecked(value + dice.Between(-2, 2)));
                break;
            default:
                // Kinds are few: a random byte seldom hits another one.
                BinaryPrimitives.WriteInt16LittleEndian(blob.AsSpan(word), (short)dice.Between(0, 25));
                break;
        }
    }

    private static bool LoadAndRun(byte[] blob)
    {
        Model model;
        try
        {
            model = Model.Load(blob);
        }
        catch (BlobException)
        {
            Assert.ThrowsExactly<BlobException>(() => Model.Load(new MemoryStream(blob), false));
            return false;
        }

        var session = new Session(model);
        var random = new Random(1);
        for (int i = 0; i < session.Arena.Length; i++)
        {
            session.Arena[i] = (sbyte)random.Next(-128, 128);
        }

        session.Run();
        return true;
    }
}
