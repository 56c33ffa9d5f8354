using System.Text.Json;
using Converter.Tests.Cli;
using Converter.Tests.Data;
using Converter.Tests.Device;
using TinyInference.Converter;
using TinyInference.Converter.Boards;
using TinyInference.Converter.Estimation;

namespace Converter.Tests.Boards;

using TinyInference;

/// <summary>Boards, what fits them, and what a network takes on them.</summary>
[TestClass]
public class BoardTest
{
    [TestMethod]
    public void Each_board_has_every_figure_with_its_source()
    {
        CollectionAssert.IsSubsetOf(new[] { "esp32-wroom-32", "esp32-wrover", "esp32-s3", "esp32-c3", "esp32-c6", "m5stack" }, BoardFiles.Names.ToArray());
        foreach (string name in BoardFiles.Names)
        {
            Board board = BoardFiles.Load(name);
            Assert.AreEqual(name, board.Name);
            Assert.IsTrue(new[] { "chip", "memory", "heapBytes", "largestArrayBytes", "partitions", "console", "target", "interpreterSlowdown", "nativeMIPS" }.All(board.Sources.ContainsKey), name);
            Assert.IsLessThan(board.FlashBytes, board.Partitions.DeploymentBytes + board.Partitions.StorageBytes);
            Assert.IsLessThanOrEqualTo(board.RamBytes + board.PsramBytes, board.HeapBytes);
        }
    }

    [TestMethod]
    [DataRow("none", "there is no board 'none'; there are esp32-c3, ")]
    [DataRow("none.json", "none.json: there is no such file")]
    public void An_unknown_board_is_explained(string name, string message)
        => StringAssert.Contains(Assert.ThrowsExactly<InputException>(() => BoardFiles.Load(name)).Message, message);

    [TestMethod]
    [DataRow("{", "is no description of a board")]
    [DataRow("null", "is no description of a board")]
    [DataRow("{\"name\": \"x\"}", "is no description of a board")]
    public void A_bad_file_is_explained(string json, string message)
    {
        using var files = new TemporaryFiles();
        string path = files.Write("board.json", System.Text.Encoding.UTF8.GetBytes(json));

        StringAssert.Contains(Assert.ThrowsExactly<InputException>(() => BoardFiles.Load(path)).Message, message);
    }

    [TestMethod]
    public void What_does_not_fit_is_refused_with_the_difference()
    {
        byte[] blob = TinyBlob.Create();
        Board board = BoardFiles.Load("esp32-c3");
        BoardFit.Check(blob, board, "x");
        BoardNeed heap = BoardFit.Needs(blob, board)[0];

        Board small = board with { HeapBytes = (int)heap.Needed - 7, Partitions = new BoardPartitions(1, blob.Length - 1) };
        string message = Assert.ThrowsExactly<InputException>(() => BoardFit.Check(blob, small, "x")).Message;

        StringAssert.Contains(message, $"x: does not fit esp32-c3: heap: needs {heap.Needed:N0} bytes, has {heap.Needed - 7:N0}: 7 too few");
        StringAssert.Contains(message, $"flash: needs {blob.Length:N0} bytes, has {blob.Length - 1:N0}: 1 too few");
    }

    [TestMethod]
    public void Convert_writes_nothing_that_does_not_fit()
    {
        using var model = new SmallModel();
        string blob = model.PathOf("out.tinf");
        Board tiny = BoardFiles.Load("esp32-c3") with { HeapBytes = 2000 };
        string file = model.Write("tiny.json", JsonSerializer.Serialize(tiny, JsonSerializerOptions.Web));

        ToolRun refused = ToolRun.Of("convert", model.Onnx, "--calibration", model.Data, "-o", blob, "--board", file);
        ToolRun accepted = ToolRun.Of("convert", model.Onnx, "--calibration", model.Data, "-o", blob, "--board", "esp32-c3");

        Assert.AreEqual(1, refused.ExitCode);
        StringAssert.Contains(refused.Error, "does not fit esp32-c3: heap: needs ");
        Assert.AreEqual(0, accepted.ExitCode, accepted.Error);
        Assert.IsTrue(File.Exists(blob));
    }

    [TestMethod]
    public void Estimates_are_within_a_tenth_of_the_executed_instructions()
    {
        using var model = new SmallModel();
        string path = model.Convert();
        byte[] blob = File.ReadAllBytes(path);
        ToolRun run = ToolRun.Of("estimate", path, "--board", "esp32-wroom-32", "--json");
        Assert.AreEqual(0, run.ExitCode, run.Error);
        using var json = JsonDocument.Parse(run.Output);
        JsonElement[] operators = [.. json.RootElement.GetProperty("operators").EnumerateArray()];
        var loaded = Model.Load(blob);
        byte[] input = new byte[loaded.Inputs[0].ByteCount];
        new Random(99).NextBytes(input);
        using var meter = new InstructionMeter();
        IReadOnlyList<InstructionCounts> executed = meter.Count(blob, input).Operators;

        Assert.HasCount(executed.Count, operators);
        for (int i = 0; i < executed.Count; i++)
        {
            Assert.AreEqual(executed[i].Total, operators[i].GetProperty("ilInstructions").GetInt64(), 0.1 * executed[i].Total, $"operator {i}");
            Assert.IsLessThan(operators[i].GetProperty("managedMicroseconds").GetDouble(), operators[i].GetProperty("nativeMicroseconds").GetDouble());
        }
    }
}
