using System.CommandLine;
using TinyInference.Converter.Cli.Compressing;
using TinyInference.Converter.Cli.Prediction;
using TinyInference.Converter.Cli.Reports;
using TinyInference.Converter.Data;
using TinyInference.Converter.Quantization;

namespace TinyInference.Converter.Cli;

/// <summary>compare: where a blob loses what its model knew.</summary>
internal static class CompareVerb
{
    private const int MostCalibrationSamples = 500;

    public static Command Create(Screen screen, CancellationToken cancellation)
    {
        Argument<string> model = Arguments.Path("MODEL", "the .tflite or .onnx model that the blob was made from");
        Argument<string> blob = Arguments.Path("BLOB", "the .tinf blob");
        var data = new DataOptions();
        Option<bool> json = Arguments.Flag("--json", "one JSON object on standard output");
        var command = new Command("compare", "Compares a float model with its int8 blob, operator by operator: signal to noise ratio, saturation and largest error, so that a loss can be traced to its layer.") { model, blob };
        Option<string?> repairs = Arguments.Text("--repairs", "DATA", "convert MODEL with each repair too, calibrated with DATA");
        data.AddTo(command, withLabels: false);
        command.Add(repairs);
        command.Add(json);
        command.SetAction(parse =>
        {
            string blobPath = parse.GetRequiredValue(blob);
            Model loaded = BlobFile.Load(blobPath);
            var network = new BlobNetwork(loaded, blobPath);
            ModelFile file = ModelFile.Load(parse.GetRequiredValue(model), screen);
            var reference = new FloatNetwork(file.Graph, file.Path);
            (Dataset samples, InputBinding binding) = data.Load(parse, network, network.Task == NetworkTask.Regression, screen);
            NetworkComparison comparison = screen.Work(
                $"comparing {samples.Count:N0} samples",
                progress => NetworkComparison.Run(reference, loaded, blobPath, binding, samples.Count, progress, cancellation));
            IReadOnlyList<RepairEffects.Row> effects = parse.GetValue(repairs) is { } calibration
                ? Repair(file, calibration, samples.Count, binding, screen, cancellation)
                : [];
            if (parse.GetValue(json))
            {
                screen.Json(writer =>
                {
                    ComparisonReport.WriteJson(comparison, writer);
                    if (effects.Count > 0)
                    {
                        RepairEffects.WriteJson(effects, writer);
                    }
                });
            }
            else
            {
                ComparisonReport.WriteText(comparison, file.Path, blobPath, screen.Results);
                if (effects.Count > 0)
                {
                    RepairEffects.WriteText(effects, screen.Results);
                }
            }

            return ExitCode.Done;
        });
        return command.WithExample("compare ic_fp32.onnx ic.tinf --data test-500.bin.gz --limit 100");
    }

    private static IReadOnlyList<RepairEffects.Row> Repair(ModelFile file, string path, int samples, InputBinding binding, Screen screen, CancellationToken cancellation)
    {
        if (!StaticQuantizer.NeedsCalibration(file.Graph))
        {
            throw new InputException($"{file.Path}: is int8 already: --repairs needs the float model that it was made from");
        }

        var reference = new FloatNetwork(file.Graph, file.Path);
        InputTensor input = reference.Input;
        Dataset data = Samples.Load(path, input, reference.Preparation, screen, DatasetOptions.Default with { FeatureNames = reference.Features is { Length: > 0 } names ? names : null, Regression = reference.Task == NetworkTask.Regression });
        InputBinding typical = InputBinding.Create(data, input, reference.Preparation);
        int count = Math.Min(data.Count, MostCalibrationSamples);
        var calibration = new CalibrationSamples(count, index =>
        {
            var real = new float[typical.Elements];
            typical.Read((int)((long)index * data.Count / count), real);
            return [FloatNetwork.Bind(file.Graph.Inputs[0], real)];
        });
        return screen.Work(
            "converting with each repair",
            progress => RepairEffects.Measure(
                file.Graph, calibration, blob => NetworkComparison.Run(reference, blob, file.Path, binding, samples, _ => { }, cancellation), progress, cancellation));
    }
}
