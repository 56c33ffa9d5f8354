using System.CommandLine;
using TinyInference.Converter.Cli.Prediction;
using TinyInference.Converter.Cli.Reports;
using TinyInference.Converter.Data;

namespace TinyInference.Converter.Cli;

/// <summary>evaluate: how good a model or blob is on data.</summary>
internal static class EvaluateVerb
{
    public static Command Create(Screen screen, CancellationToken cancellation)
    {
        Argument<string> file = Arguments.Path("MODEL|BLOB", "a .tinf blob, or a .tflite or .onnx model");
        var data = new DataOptions();
        Option<NetworkTask?> task = Arguments.Task();
        Option<bool> json = Arguments.Flag("--json", "one JSON object on standard output");
        var command = new Command("evaluate", "Measures how good a network is on data: accuracy for classes, area under the curve or error where there are none. A float model gives the float result.") { file };
        data.AddTo(command, withLabels: true);
        command.Add(task);
        command.Add(json);
        command.SetAction(parse =>
        {
            INetwork network = Networks.Open(parse.GetRequiredValue(file), screen);
            NetworkTask? stated = parse.GetValue(task);
            (Dataset samples, InputBinding binding) = data.Load(parse, network, (stated ?? network.Task) == NetworkTask.Regression, screen);
            EvaluationResult result = screen.Work(
                $"evaluating {samples.Count:N0} samples",
                progress => Evaluator.Evaluate(network, samples, binding, stated, progress, cancellation));
            if (parse.GetValue(json))
            {
                screen.Json(writer => EvaluationJson.Write(result, writer));
            }
            else
            {
                EvaluationText.Write(result, screen.Results);
            }

            return ExitCode.Done;
        });
        return command.WithExample("evaluate kws.tinf --data kws01-mfcc-500.zip");
    }
}
