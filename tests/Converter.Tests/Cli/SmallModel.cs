using Converter.Tests.Data;
using TinyInference.Converter.Export.Onnx;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Training;

namespace Converter.Tests.Cli;

/// <summary>A network of three classes over images of 12 x 10, with random weights, and data for it, as files.</summary>
internal sealed class SmallModel : IDisposable
{
    public const int Samples = 20;

    private readonly TemporaryFiles _files = new();

    /// <param name="change">What to do to the graph before it is written.</param>
    public SmallModel(Action<Graph>? change = null)
    {
        Graph graph = NamedNetworks.Create("dscnn:width=8,blocks=1", new Shape(12, 10, 1), 3, 7);
        change?.Invoke(graph);
        using var onnx = new MemoryStream();
        OnnxExporter.Write(graph, onnx);
        Onnx = _files.Write("small.onnx", onnx.ToArray());
        var random = new Random(5);
        byte[] pixels = new byte[Samples * 120];
        random.NextBytes(pixels);
        Data = _files.Write("small-images-idx3-ubyte", TemporaryFiles.Idx([Samples, 12, 10], pixels));
        _files.Write("small-labels-idx1-ubyte", TemporaryFiles.Idx([Samples], [.. Enumerable.Range(0, Samples).Select(i => (byte)(i % 3))]));
    }

    public string Onnx { get; }

    public string Data { get; }

    public string Folder => _files.Folder;

    /// <summary>A path in the folder, where nothing is yet.</summary>
    public string PathOf(string name) => Path.Combine(_files.Folder, name);

    public string Write(string name, byte[] bytes) => _files.Write(name, bytes);

    public string Write(string name, string text) => _files.Write(name, text);

    /// <summary>Converts the model and gives the path of the blob.</summary>
    public string Convert(params string[] options)
    {
        string blob = PathOf("small.tinf");
        ToolRun run = ToolRun.Of(["convert", Onnx, "--calibration", Data, "--input-scale", "0.00392157", "-o", blob, .. options]);
        Assert.AreEqual(0, run.ExitCode, run.Error);
        return blob;
    }

    public void Dispose() => _files.Dispose();
}
