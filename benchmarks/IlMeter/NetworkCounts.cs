using TinyInference.Converter;
using TinyInference.Converter.Cli;
using TinyInference.Converter.Cli.Reports;
using TinyInference.Converter.Conversion;
using TinyInference.Converter.Estimation;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Lowering;
using TinyInference.Converter.Quantization;

namespace TinyInference.IlMeter;

/// <summary>One row of the meter's table.</summary>
/// <param name="Index">Its place in the network; null for the session.</param>
/// <param name="Macs">Of the dense network; 0 where an operator multiplies nothing.</param>
internal sealed record OperatorCounts(int? Index, string Kind, string Name, long Macs, InstructionCounts Counts);

/// <summary>What one inference of a network executes.</summary>
/// <param name="Name">How the user or the table of references calls it.</param>
/// <param name="Operators">In order, and at last the session itself; or sorted.</param>
/// <param name="LibraryCalls">Methods whose instructions on the device are not known.</param>
internal sealed record NetworkCounts(string Name, IReadOnlyList<OperatorCounts> Operators, IReadOnlyList<string> LibraryCalls)
{
    /// <summary>What calling the operators costs, beside the operators.</summary>
    public const string SessionName = "(session)";

    public InstructionCounts Total { get; } = InstructionCounts.Sum(Operators.Select(o => o.Counts));

    public long Macs => Operators.Sum(o => o.Macs);

    /// <summary>The same with the most expensive operator first.</summary>
    public NetworkCounts Sorted() => this with { Operators = [.. Operators.OrderByDescending(o => o.Counts.Total)] };

    /// <summary>Counts one run of a blob.</summary>
    /// <param name="input">The bytes of all inputs; null for random ones.</param>
    /// <exception cref="InputException">The input has not the length that the network needs.</exception>
    public static NetworkCounts Measure(string name, byte[] blob, byte[]? input)
    {
        Model model = Model.Load(blob);
        input ??= InstructionMeter.RandomInput(model);
        int needed = model.Inputs.Sum(t => t.ByteCount);
        if (input.Length != needed)
        {
            throw new InputException($"the input has {input.Length:N0} bytes, {name} needs {needed:N0}");
        }

        using var meter = new InstructionMeter();
        RunCounts run = meter.Count(blob, input);
        NetworkReport report = BlobReport.Create(model, name);
        IEnumerable<OperatorCounts> operators = report.Operators.Select((op, i) => new OperatorCounts(i, op.Kind, op.Name, op.Macs, run.Operators[i]));
        return new NetworkCounts(name, [.. operators, new OperatorCounts(null, SessionName, "", 0, run.Session)], run.LibraryCalls);
    }

    /// <summary>The blob in a file, or the blob that the model in the file becomes.</summary>
    /// <param name="kernels">Which kernels a model's blob gets; a blob has its own.</param>
    /// <exception cref="InputException">The file is neither, or not quantized.</exception>
    public static byte[] ReadBlob(string path, KernelPreference kernels, Screen screen)
    {
        if (BlobFile.IsBlob(path))
        {
            BlobFile.Load(path);
            return Files.Read(path, BlobFile.MaximumBytes);
        }

        ModelFile file = ModelFile.Load(path, screen);
        return StaticQuantizer.NeedsCalibration(file.Graph)
            ? throw new InputException($"{path}: is a float model; make a blob of it with '{Tool.Name} convert' first")
            : ToBlob(file.Graph, kernels);
    }

    /// <param name="graph">Quantized, after the passes.</param>
    public static byte[] ToBlob(Graph graph, KernelPreference kernels)
    {
        Graph quantized = StaticQuantizer.Quantize(graph, null, QuantizationOptions.Default, _ => { }, CancellationToken.None);
        return NetworkConverter.Emit(quantized, kernels).Blob;
    }
}
