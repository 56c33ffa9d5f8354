using System.CommandLine;
using TinyInference.Converter.Cli.Prediction;
using TinyInference.Converter.Cli.Reports;
using TinyInference.Converter.Data;

namespace TinyInference.Converter.Cli;

/// <summary>compare: where a blob loses what its model knew.</summary>
internal static class CompareVerb
{
    public static Command Create(Screen screen, CancellationToken cancellation)
    {
        Argument<string> model = Arguments.Path("MODEL", "the .tflite or .onnx model that the blob was made from");
        Argument<string> blob = Arguments.Path("BLOB", "the .tinf blob");
        var data = new DataOptions();
        Option<bool> json = Arguments.Flag("--json", "one JSON object on standard output");
        var command = new Command("compare", "Compares a float model with its int8 blob, operator by operator: signal to noise ratio, saturation and largest error, so that a loss can be traced to its layer.") { model, blob };
        data.AddTo(command, withLabels: false);
        command.Add(json);
        command.SetAction(parse =>
        {
            string blobPath = parse.GetRequiredValue(blob);
            Model loaded = BlobFile.Load(blobPath);
            var network = new BlobNetwork(loaded, blobPath);
            ModelFile file = ModelFile.Load(parse.GetRequiredValue(model), screen);
            var reference = new FloatNetwork(file.Graph, file.Path);
            (Dataset samples, InputBinding binding) = data.Load(parse, network, regression: false, screen);
            NetworkComparison comparison = screen.Work(
                $"comparing {samples.Count:N0} samples",
                progress => NetworkComparison.Run(reference, loaded, blobPath, binding, samples.Count, progress, cancellation));
            if (parse.GetValue(json))
            {
                screen.Json(writer => ComparisonReport.WriteJson(comparison, writer));
            }
            else
            {
                ComparisonReport.WriteText(comparison, file.Path, blobPath, screen.Results);
            }

            return ExitCode.Done;
        });
        return command.WithExample("compare ic_fp32.onnx ic.tinf --data test-500.bin.gz --limit 100");
    }
}
