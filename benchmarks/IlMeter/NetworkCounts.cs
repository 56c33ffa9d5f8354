using TinyInference.Converter;
using TinyInference.Converter.Cli;
using TinyInference.Converter.Cli.Reports;
using TinyInference.Converter.Conversion;
using TinyInference.Converter.Estimation;

namespace TinyInference.IlMeter;

/// <summary>One row of the meter's table.</summary>
/// <param name="Macs">Of the dense network; 0 where an operator multiplies nothing.</param>
internal sealed record OperatorCounts(string Kind, string Name, long Macs, InstructionCounts Counts);

/// <summary>What one inference of a network executes.</summary>
/// <param name="Name">How the user or the table of references calls it.</param>
/// <param name="Operators">In order; the last one is the session itself.</param>
/// <param name="LibraryCalls">Methods whose instructions on the device are not known.</param>
internal sealed record NetworkCounts(string Name, IReadOnlyList<OperatorCounts> Operators, IReadOnlyList<string> LibraryCalls)
{
    /// <summary>What calling the operators costs, beside the operators.</summary>
    public const string SessionName = "(session)";

    public InstructionCounts Total { get; } = InstructionCounts.Sum(Operators.Select(o => o.Counts));

    public long Macs => Operators.Sum(o => o.Macs);

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
        IEnumerable<OperatorCounts> operators = report.Operators.Zip(run.Operators, (op, counts) => new OperatorCounts(op.Kind, op.Name, op.Macs, counts));
        return new NetworkCounts(name, [.. operators, new OperatorCounts(SessionName, "", 0, run.Session)], run.LibraryCalls);
    }

    /// <summary>The blob in a file, or the blob that the model in the file becomes.</summary>
    /// <exception cref="InputException">The file is neither, or not quantized.</exception>
    public static byte[] ReadBlob(string path, Screen screen)
    {
        if (BlobFile.IsBlob(path))
        {
            BlobFile.Load(path);
            return Files.Read(path, BlobFile.MaximumBytes);
        }

        ModelFile file = ModelFile.Load(path, screen);
        return file.IsQuantized
            ? NetworkConverter.Emit(file.Graph).Blob
            : throw new InputException($"{path}: is a float model; convert it to a blob first");
    }
}
