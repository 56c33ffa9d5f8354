using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Spectre.Console;
using TinyInference.Converter.Cli.Prediction;
using TinyInference.Converter.Cli.Reports;
using TinyInference.Converter.Conversion;
using TinyInference.Converter.Data;
using TinyInference.Converter.Demo;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Quantization;

namespace TinyInference.Converter.Cli.Recipes;

/// <summary>recipe: a chain of verbs, and one report about all of them.</summary>
internal static class RecipeVerb
{
    /// <summary>Samples that tell the ranges when a float network is converted for its size.</summary>
    private const int SizingSamples = 16;

    public static Command Create(Screen screen, CancellationToken cancellation)
    {
        Argument<string> file = Arguments.Path("FILE.json", "{ \"data\": ..., \"test\": ..., \"steps\": [ { \"verb\": \"train\", \"model\": \"lenet5\" }, { \"verb\": \"prune\", \"keep\": 0.1 }, ... ] }");
        var command = new Command("recipe", "Runs a chain of train, prune, distil, qat and convert, and writes one report with accuracy, size, multiply-accumulates and RAM after each step.") { file };
        command.SetAction(parse => Run(Recipe.Load(parse.GetRequiredValue(file)), screen, cancellation));
        return command.WithExample("recipe samples/meter-digits/recipe.json");
    }

    private static int Run(Recipe recipe, Screen screen, CancellationToken cancellation)
    {
        string data = DataFile(recipe, recipe.Data, "train");
        string test = DataFile(recipe, recipe.Test, "test");
        IReadOnlyList<RecipeCommand> commands = RecipeCommands.Create(recipe, Tool.CreateCommands(screen, cancellation), data, test);
        CreateFolder(recipe.Output);
        if (recipe.Data == Recipe.DrawnData)
        {
            MeterDigits.Save(recipe.Output, "train", MeterDigits.TrainingPictures, seed: 1);
            MeterDigits.Save(recipe.Output, "test", MeterDigits.TestPictures, seed: 3);
        }

        var results = new List<RecipeResult>();
        foreach (RecipeCommand command in commands)
        {
            string line = string.Join(' ', command.Arguments.Select(a => Path.IsPathRooted(a) ? Path.GetFileName(a) : a));
            screen.Results.MarkupLineInterpolated($"[bold]{command.Step.Number} of {commands.Count}:[/] [green]{Tool.Name} {line}[/]");
            var watch = Stopwatch.StartNew();
            int code = Tool.Run(command.Arguments, screen, cancellation);
            if (code != ExitCode.Done)
            {
                string kept = results.Count == 0 ? "" : $"; {recipe.Output} keeps what was made until then";
                screen.Note($"the recipe ends at step {command.Step.Number} of {commands.Count}, {command.Step.Verb}{kept}");
                return code;
            }

            results.Add(Measure(command, $"{Tool.Name} {line}", data, test, watch.Elapsed.TotalSeconds, screen, cancellation));
            screen.Results.WriteLine();
        }

        string report = Path.Combine(recipe.Output, "report.html");
        Files.Write(report, Encoding.UTF8.GetBytes(RecipeReport.Write(recipe.Title, Path.GetFileName(test), results)), cancellation);
        WriteTable(screen.Results, results);
        screen.Results.WriteLine($"report: {report}");
        return ExitCode.Done;
    }

    private static RecipeResult Measure(RecipeCommand command, string line, string data, string test, double seconds, Screen screen, CancellationToken cancellation)
    {
        INetwork network = Networks.Open(command.Output, screen);
        Dataset samples = Samples.Load(test, network.Input, network.Preparation, screen, DatasetOptions.Default);
        EvaluationResult accuracy = screen.Work(
            $"evaluating {samples.Count:N0} samples",
            progress => Evaluator.Evaluate(network, samples, InputBinding.Create(samples, network.Input, network.Preparation), NetworkTask.Classification, progress, cancellation));
        long bytes = new FileInfo(command.Output).Length;
        byte[] blob = BlobFile.IsBlob(command.Output) ? Files.Read(command.Output, BlobFile.MaximumBytes) : Size(command.Output, data, screen, cancellation);
        NetworkReport report = BlobReport.Create(Model.Load(blob), command.Output);
        return new RecipeResult(
            $"{command.Step.Number} {command.Step.Verb}", line, network.Arithmetic, accuracy.Value, bytes, report.Parameters, report.Macs, blob.Length, report.Memory?.TotalBytes ?? 0, seconds);
    }

    /// <summary>The blob that plain conversion would make of a float network now.</summary>
    private static byte[] Size(string file, string data, Screen screen, CancellationToken cancellation)
    {
        Graph graph = ModelFile.Load(file, screen).Graph;
        InputTensor input = InputTensor.Of(graph.Inputs[0]);
        Dataset samples = Samples.Load(data, input, FloatNetwork.PreparationOf(graph), screen, DatasetOptions.Default).Take(TreeEnsembles.HasInputs(graph) ? ConvertVerb.PresetSamples : SizingSamples);
        InputBinding binding = InputBinding.Create(samples, input, FloatNetwork.PreparationOf(graph));
        var calibration = new CalibrationSamples(samples.Count, index =>
        {
            float[] real = new float[binding.Elements];
            binding.Read(index, real);
            return [FloatNetwork.Bind(graph.Inputs[0], real)];
        });
        return NetworkConverter.Convert(graph, calibration, QuantizationOptions.Default, cancellation: cancellation).Blob;
    }

    private static string DataFile(Recipe recipe, string name, string part) =>
        name == Recipe.DrawnData ? Path.Combine(recipe.Output, part + "-images-idx3-ubyte") : name;

    private static void CreateFolder(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new InputException($"{folder}: this folder cannot be made: {e.Message}", e);
        }
    }

    private static void WriteTable(IAnsiConsole console, List<RecipeResult> results)
    {
        Table table = Tables.Create();
        table.AddColumns(Tables.Text("step"), Tables.Text("arithmetic"), Tables.Number("accuracy"), Tables.Number("parameters"), Tables.Number("MACs"), Tables.Number("blob"), Tables.Number("RAM"));
        foreach (RecipeResult r in results)
        {
            Tables.AddRow(table, r.Name, r.Arithmetic, (100 * r.Accuracy).ToString("F2", CultureInfo.InvariantCulture) + " %", Number(r.Parameters), Number(r.Macs), Number(r.BlobBytes), Number(r.RamBytes));
        }

        console.Write(table);
    }

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
