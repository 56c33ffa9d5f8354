using System.Text.Json;
using Converter.Tests.Data;
using TinyInference.Converter.Cli;
using TinyInference.Converter.Conversion;
using TinyInference.IlMeter;

namespace Converter.Tests.Estimation;

/// <summary>The meter's command line on a small blob.</summary>
[TestClass]
public class MeterCommandTest
{
    [TestMethod]
    public void A_blob_gives_a_table_of_operators_and_classes()
    {
        (int code, string output, _) = Run("net.tinf");

        Assert.AreEqual(0, code);
        foreach (string part in new[] { "FullyConnected", "Softmax", "(session)", "total", "array load", "IL per MAC", "reference host" })
        {
            StringAssert.Contains(output, part);
        }
    }

    [TestMethod]
    public void Json_has_the_same_sorted_by_cost()
    {
        (int code, string output, _) = Run("net.tinf", "--json", "--sort");

        Assert.AreEqual(0, code);
        JsonElement root = JsonDocument.Parse(output).RootElement;
        long[] counts = [.. root.GetProperty("operators").EnumerateArray().Select(o => o.GetProperty("il").GetInt64())];
        CollectionAssert.AreEqual(counts.OrderDescending().ToArray(), counts);
        Assert.AreEqual(root.GetProperty("il").GetInt64(), counts.Sum());
        Assert.AreEqual(root.GetProperty("il").GetInt64(), root.GetProperty("classes").EnumerateObject().Sum(p => p.Value.GetInt64()));
        Assert.AreEqual((24 * 64) + (64 * 33) + (33 * 4), root.GetProperty("macs").GetInt64());
    }

    [TestMethod]
    public void An_input_of_another_length_is_refused()
    {
        (int code, _, string error) = Run("net.tinf", "--input", "short.bin");

        Assert.AreEqual(1, code);
        StringAssert.Contains(error, "the input has 3 bytes");
        StringAssert.Contains(error, "needs 24");
    }

    [TestMethod]
    public void A_file_that_is_not_there_is_named()
    {
        (int code, _, string error) = Run("absent.tinf");

        Assert.AreEqual(1, code);
        StringAssert.Contains(error, "absent.tinf");
    }

    private static (int Code, string Output, string Error) Run(params string[] args)
    {
        using var files = new TemporaryFiles();
        files.Write("net.tinf", NetworkConverter.Emit(SmallNetworks.Mlp()).Blob);
        files.Write("short.bin", new byte[3]);
        using var output = new StringWriter();
        using var error = new StringWriter();
        var screen = new Screen(Screen.Plain(output), Screen.Plain(error), () => Stream.Null, () => Stream.Null);
        int code = MeterCommand.Run([.. args.Select(a => a.StartsWith('-') ? a : Path.Combine(files.Folder, a))], screen);
        return (code, output.ToString(), error.ToString());
    }
}
