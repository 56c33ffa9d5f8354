using System.IO.Compression;
using System.Text;
using TinyInference.Converter.Execution;
using TinyInference.Converter.Import.Onnx;
using TinyInference.Converter.Import.Onnx.Schema;

namespace TinyInference.Converter.Tests.Import;

using TinyInference.Converter.Graphs;

/// <summary>The single-operator tests of the ONNX project: import, run in float, compare with the stated outputs.</summary>
[TestClass]
public class OnnxNodeTest
{
    private const string Archive = "models/onnx-node-tests/onnx_v1.17.0_node_449tests.zip";
    private const double RequiredShare = 0.95;

    /// <summary>The operators that the importer promises; a test with others is out of scope.</summary>
    private static readonly HashSet<string> s_promised = new(StringComparer.Ordinal)
    {
        "Conv", "ConvTranspose", "Gemm", "MatMul", "Add", "Sub", "Mul", "AveragePool", "MaxPool", "GlobalAveragePool", "GlobalMaxPool",
        "ReduceMean", "Pad", "Concat", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Slice", "Split", "Relu", "LeakyRelu",
        "HardSwish", "HardSigmoid", "Sigmoid", "Tanh", "Softmax", "Clip", "BatchNormalization", "QuantizeLinear", "DequantizeLinear",
        "QLinearConv", "QLinearMatMul", "Resize", "Upsample", "Gather", "ArgMax", "Identity", "Dropout", "Constant",
    };

    private static readonly HashSet<string> s_wrongOutput = new(StringComparer.Ordinal)
    {
        "test_qlinearmatmul_2D_int8_float16", "test_qlinearmatmul_2D_int8_float32",
        "test_qlinearmatmul_3D_int8_float16", "test_qlinearmatmul_3D_int8_float32",
    };

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void Promised_operators_give_the_expected_outputs()
    {
        var results = new List<(string Name, bool InScope, string? Failure)>();
        using ZipArchive zip = ZipFile.OpenRead(SharedFiles.Path(Archive));
        foreach (IGrouping<string, ZipArchiveEntry> test in zip.Entries.Where(e => e.Length > 0).GroupBy(e => e.FullName.Split('/')[0]).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            Dictionary<string, byte[]> files = test.ToDictionary(e => e.FullName[(test.Key.Length + 1)..], Read);
            byte[] file = files["model.onnx"];
            ModelProto model = ModelProto.Parser.ParseFrom(file);
            string? outOfScope = WhyOutOfScope(test.Key, model, files);
            string? failure = Run(model, file, files);
            results.Add((test.Key, outOfScope is null, failure is null ? null : outOfScope ?? failure));
        }

        int passed = results.Count(r => r.InScope && r.Failure is null);
        var failed = results.Where(r => r.InScope && r.Failure is not null).ToList();
        var others = results.Where(r => !r.InScope).ToList();
        var report = new StringBuilder();
        report.AppendLine($"ONNX node tests: {passed} passed, {failed.Count} failed, {others.Count} out of scope ({others.Count(r => r.Failure is null)} of these pass too)");
        failed.ForEach(r => report.AppendLine($"failed: {r.Name}: {r.Failure}"));
        foreach (IGrouping<string?, (string Name, bool InScope, string? Failure)> reason in others.Where(r => r.Failure is not null).GroupBy(r => r.Failure))
        {
            report.AppendLine($"out of scope, {reason.Key}: {string.Join(", ", reason.Select(r => r.Name))}");
        }

        TestContext.WriteLine(report.ToString());
        Assert.IsTrue(passed >= RequiredShare * (passed + failed.Count), report.ToString());
    }

    private static byte[] Read(ZipArchiveEntry entry)
    {
        using Stream stream = entry.Open();
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }

    private static string? WhyOutOfScope(string name, ModelProto model, Dictionary<string, byte[]> files)
    {
        string[] others = [.. model.Graph.Node.Select(n => n.OpType).Where(o => !s_promised.Contains(o)).Distinct().Order(StringComparer.Ordinal)];
        if (others.Length > 0)
        {
            return "operators " + string.Join(", ", others);
        }

        foreach (TensorProto tensor in files.Where(f => f.Key.EndsWith(".pb", StringComparison.Ordinal)).Select(f => TensorProto.Parser.ParseFrom(f.Value)))
        {
            if (OnnxTensorReader.TypeOf(tensor.DataType) is null)
            {
                return "type " + OnnxTensorReader.NameOf(tensor.DataType);
            }
        }

        return s_wrongOutput.Contains(name) ? "the expected output wraps around where the operator's text says that it saturates (corrected in later versions)"
            : Attribute(model, "training_mode") == "1" || name.StartsWith("test_training_", StringComparison.Ordinal) ? "training"
            : Attribute(model, "mode") is "cubic" or "wrap" ? "mode " + Attribute(model, "mode")
            : Attribute(model, "coordinate_transformation_mode") == "tf_crop_and_resize" ? "mode tf_crop_and_resize"
            : Attribute(model, "antialias") == "1" ? "antialias"
            : Attribute(model, "block_size") is not null ? "scales of blocks"
            : model.Graph.Input.Any(i => i.Type.TensorType is null) ? "inputs that are not tensors"
            : model.Graph.Output.Count > 1 && model.Graph.Node[0].OpType == "MaxPool" ? "second output of MaxPool"
            : null;
    }

    private static string? Attribute(ModelProto model, string name) => model.Graph.Node.SelectMany(n => n.Attribute)
        .FirstOrDefault(a => a.Name == name) is { } attribute ? attribute.Type == 3 ? attribute.S.ToStringUtf8() : attribute.I.ToString() : null;

    /// <summary>Null where the outputs are as expected, otherwise what is wrong.</summary>
    private static string? Run(ModelProto model, byte[] file, Dictionary<string, byte[]> files)
    {
        try
        {
            var reader = new OnnxTensorReader(null);
            var data = new Dictionary<string, Tensor>();
            int given = 0;
            foreach (ValueInfoProto input in model.Graph.Input)
            {
                if (files.TryGetValue($"test_data_set_0/input_{given++}.pb", out byte[]? bytes))
                {
                    data[input.Name] = reader.Read(TensorProto.Parser.ParseFrom(bytes), input.Name);
                }
            }

            Graph graph = OnnxImporter.Import(file, "model.onnx", null, data, data.ToDictionary(d => d.Key, d => d.Value.Shape));
            Tensor[] outputs = new FloatExecutor(graph).Run([.. graph.Inputs.Select(i => AsRun(i, data[i.Name]))]);
            for (int i = 0; i < outputs.Length; i++)
            {
                Tensor expected = reader.Read(TensorProto.Parser.ParseFrom(files[$"test_data_set_0/output_{i}.pb"]), "output");
                if (Difference(graph.Outputs[i], outputs[i], expected) is { } difference)
                {
                    return difference;
                }
            }

            return null;
        }
        catch (Exception e) when (e is InputException or InvalidOperationException)
        {
            return e.Message.ReplaceLineEndings(" ");
        }
    }

    /// <summary>Quantized tensors run as the reals they stand for.</summary>
    private static Tensor AsRun(Value value, Tensor tensor) => value.Quantization is not { } q || value.Type == ElementType.Float32 ? tensor
        : new Tensor(tensor.Shape, Array.ConvertAll(tensor.ToFloats(), x => q.Scale * (x - (tensor.Type == ElementType.UInt8 ? 128 : 0) - q.ZeroPoint)));

    private static string? Difference(Value value, Tensor actual, Tensor expected)
    {
        if (!actual.Shape.Equals(expected.Shape))
        {
            return $"shape {actual.Shape}, expected {expected.Shape}";
        }

        float[] x = actual.ToFloats();
        float[] y = AsRun(value, expected).ToFloats();
        for (int i = 0; i < x.Length; i++)
        {
            bool equal = x[i].Equals(y[i]) || Math.Abs(x[i] - y[i]) <= 1e-5 + (1e-3 * Math.Abs(y[i]));
            bool exact = expected.Type == ElementType.Float32 || value.Quantization is not null || x[i] == y[i];
            if (!equal || !exact)
            {
                return $"element {i} is {x[i]}, expected {y[i]}";
            }
        }

        return null;
    }
}
