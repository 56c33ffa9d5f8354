using TinyInference;
using TinyInference.Device;

namespace Converter.Tests.Device;

/// <summary>Changing the model over the line: it is the new one after the last byte and the old one until then.</summary>
[TestClass]
public class SwapTest
{
    private static readonly byte[] s_old = TinyBlob.Create(1);
    private static readonly byte[] s_new = TinyBlob.Create(2, outputs: 5, name: "new");

    [TestMethod]
    public void The_new_model_runs_after_the_last_byte()
    {
        var console = new ConsoleHarness(s_old);

        string reply = console.Send(ConsoleHarness.SwapText(s_new, ConsoleHarness.Crc(s_new)));

        StringAssert.EndsWith(reply, $"m-swap-done-[{Model.Load(s_new).Checksum:x8}]\r\nm-ready\r\n");
        StringAssert.Contains(console.Send("profile%"), "m-model-[new]");
        Assert.AreEqual(4, console.Send("infer 1 0%").Count(c => c == ','));
    }

    [TestMethod]
    public void Cut_off_anywhere_the_old_model_still_runs()
    {
        string text = ConsoleHarness.SwapText(s_new, ConsoleHarness.Crc(s_new));
        string expected = new ConsoleHarness(s_old).Send("infer 1 0%");

        // Without the last '%' the blob is there whole, and the '%' of the next client completes it.
        for (int cut = 0; cut < text.Length - 1; cut++)
        {
            var store = new MemoryModelStore(s_old);
            var console = new ConsoleHarness(store);
            console.Send(text[..cut]);

            // The next client ends what was half sent; the clock then tells the same times as without all that.
            console.Send("%");
            Assert.AreEqual(expected, console.Send("infer 1 0%"), $"cut at {cut}");
            Assert.AreEqual(Model.Load(s_old).Checksum, store.Load().Checksum, $"cut at {cut}");
        }
    }

    [TestMethod]
    public void A_transfer_can_begin_again()
    {
        var console = new ConsoleHarness(s_old);
        string text = ConsoleHarness.SwapText(s_new, ConsoleHarness.Crc(s_new));
        console.Send(text[..(text.Length / 2)]);

        StringAssert.Contains(console.Send("%" + text), "m-swap-done-[");
    }

    [TestMethod]
    public void A_changed_byte_is_found_before_anything_is_loaded()
    {
        byte[] damaged = [.. s_new];
        damaged[^1] ^= 1;
        var console = new ConsoleHarness(s_old);

        string reply = console.Send(ConsoleHarness.SwapText(damaged, ConsoleHarness.Crc(s_new)));

        StringAssert.Contains(reply, "e-[Checksum is ");
        StringAssert.Contains(console.Send("profile%"), "m-model-[tiny]");
    }

    [TestMethod]
    public void Every_damaged_blob_is_rolled_back()
    {
        for (int i = 0; i < s_new.Length; i++)
        {
            byte[] damaged = [.. s_new];
            damaged[i] ^= 0x10;
            var console = new ConsoleHarness(s_old);

            string reply = console.Send(ConsoleHarness.SwapText(damaged, ConsoleHarness.Crc(damaged)));

            StringAssert.Contains(reply, "e-[blob error ", $"byte {i}");
            StringAssert.Contains(reply, $"back to {Model.Load(s_old).Checksum:x8}]");
            StringAssert.Contains(console.Send("infer 1 0%"), "m-infer-done");
        }
    }

    [TestMethod]
    public void More_bytes_than_stated_end_the_transfer()
    {
        var console = new ConsoleHarness(s_old);
        console.Send("swap load 2 00000000%");

        Assert.AreEqual("e-[More bytes than stated; the old model stays]\r\nm-ready\r\n", console.Send("swap 000000%"));
        Assert.AreEqual("e-[Command 'swap load' must come before the bytes]\r\nm-ready\r\n", console.Send("swap 00%"));
    }

    [TestMethod]
    public void A_model_for_which_there_is_no_room_is_refused()
    {
        var console = new ConsoleHarness(new FullStore());

        Assert.AreEqual("e-[No room for 300 bytes]\r\nm-ready\r\n", console.Send("swap load 300 00000000%"));
    }

    [TestMethod]
    public void A_store_that_fails_to_keep_brings_the_old_model_back()
    {
        var console = new ConsoleHarness(new FailingStore());

        string reply = console.Send(ConsoleHarness.SwapText(s_new, ConsoleHarness.Crc(s_new)));

        StringAssert.Contains(reply, "e-[the new model cannot be used; back to ");
        StringAssert.Contains(console.Send("profile%"), "m-model-[tiny]");
    }

    private class FullStore : IModelStore
    {
        public Model Load() => Model.Load(s_old);

        public virtual bool Begin(int length) => false;

        public virtual void Append(byte[] bytes, int offset, int count)
        {
        }

        public Model LoadReceived() => Model.Load(s_new);

        public void Keep() => throw new IOException("no more room");

        public void Discard()
        {
        }
    }

    private sealed class FailingStore : FullStore
    {
        public override bool Begin(int length) => true;
    }
}
