using Converter.Tests.Data;
using TinyInference;
using TinyInference.Device;

namespace Converter.Tests.Device;

/// <summary>Models in files: power may fail after any step.</summary>
[TestClass]
public class FileModelStoreTest
{
    private static readonly byte[] s_old = TinyBlob.Create(1);
    private static readonly byte[] s_new = TinyBlob.Create(2);

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void A_swapped_model_is_there_after_a_restart_and_runs(bool keepWeightsInFile)
    {
        using var files = new TemporaryFiles();
        string folder = Folder(files);
        var console = new ConsoleHarness(new FileModelStore(folder, keepWeightsInFile, null));
        string reply = console.Send(ConsoleHarness.SwapText(s_new, ConsoleHarness.Crc(s_new)));
        StringAssert.Contains(reply, "m-swap-done-[");

        var restarted = new ConsoleHarness(new FileModelStore(folder, keepWeightsInFile, null));

        Assert.AreEqual(new ConsoleHarness(s_new).Send("infer 1 0%"), restarted.Send("infer 1 0%"));

        // And once more, into the other file.
        StringAssert.Contains(restarted.Send(ConsoleHarness.SwapText(s_old, ConsoleHarness.Crc(s_old))), "m-swap-done-[");
        Assert.AreEqual(Model.Load(s_old).Checksum, new FileModelStore(folder, keepWeightsInFile, null).Load().Checksum);
    }

    [TestMethod]
    public void Power_failing_during_a_transfer_leaves_the_old_model()
    {
        for (int cut = 0; cut <= s_new.Length; cut += 13)
        {
            using var files = new TemporaryFiles();
            string folder = Folder(files);
            var store = new FileModelStore(folder, false, null);
            Assert.IsTrue(store.Begin(s_new.Length));
            store.Append(s_new, 0, cut);
            if (cut == s_new.Length)
            {
                store.LoadReceived();
            }

            var restarted = new FileModelStore(folder, false, null);
            Assert.AreEqual(Model.Load(s_old).Checksum, restarted.Load().Checksum);
            store.Discard();
        }
    }

    [TestMethod]
    public void A_blob_that_does_not_load_is_rolled_back()
    {
        using var files = new TemporaryFiles();
        byte[] damaged = [.. s_new];
        damaged[70] ^= 1;
        var console = new ConsoleHarness(new FileModelStore(Folder(files), true, null));

        StringAssert.Contains(console.Send(ConsoleHarness.SwapText(damaged, ConsoleHarness.Crc(damaged))), "back to ");
        Assert.AreEqual(new ConsoleHarness(s_old).Send("infer 1 0%").Split("m-results")[1], console.Send("infer 1 0%").Split("m-results")[1]);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void The_model_built_in_runs_until_a_file_is_there(bool keepWeightsInFile)
    {
        using var files = new TemporaryFiles();
        string folder = files.Folder + Path.DirectorySeparatorChar;
        using var builtIn = new MemoryStream(s_old);
        var console = new ConsoleHarness(new FileModelStore(folder, keepWeightsInFile, builtIn));
        Assert.AreEqual(new ConsoleHarness(s_old).Send("infer 1 0%"), console.Send("infer 1 0%"));

        StringAssert.Contains(console.Send(ConsoleHarness.SwapText(s_new, ConsoleHarness.Crc(s_new))), "m-swap-done-[");
        var restarted = new ConsoleHarness(new FileModelStore(folder, keepWeightsInFile, builtIn));
        Assert.AreEqual(new ConsoleHarness(s_new).Send("infer 1 0%"), restarted.Send("infer 1 0%"));
    }

    private static string Folder(TemporaryFiles files)
    {
        files.Write("model.tinf", s_old);
        return files.Folder + Path.DirectorySeparatorChar;
    }
}
