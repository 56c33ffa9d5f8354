#nullable disable
using System;

namespace TinyInference.Emulator;

/// <summary>Bad blobs are refused, and nothing worse happens.</summary>
[TestClass]
public class LoaderTest
{
    [TestMethod]
    public void Every_stored_blob_cut_short_is_refused()
    {
        for (int i = 0; i < Vectors.Blobs.Length; i++)
        {
            byte[] blob = Vectors.Blobs[i];
            for (int length = 0; length < blob.Length; length += 7)
            {
                var cut = new byte[length];
                Array.Copy(blob, cut, length);
                Assert.IsTrue(IsRefused(cut), Vectors.Names[i]);
            }
        }
    }

    [TestMethod]
    public void A_changed_byte_is_refused()
    {
        byte[] blob = Vectors.Blobs[0];
        for (int i = 0; i < blob.Length; i++)
        {
            var changed = new byte[blob.Length];
            Array.Copy(blob, changed, blob.Length);
            changed[i] ^= 0x41;
            Assert.IsTrue(IsRefused(changed), i.ToString());
        }
    }

    private static bool IsRefused(byte[] blob)
    {
        try
        {
            Model.Load(blob);
            return false;
        }
        catch (BlobException)
        {
            return true;
        }
    }
}
