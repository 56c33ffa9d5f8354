using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using TinyInference.Converter.Cli.Prediction;
using TinyInference.Converter.Data;
using TinyInference.Converter.Emission;
using TinyInference.Converter.Export.Onnx;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.IO;
using TinyInference.Converter.Training.Trees;

namespace TinyInference.Converter.Cli.Learning;

/// <summary>train --model tree, forest, boosted; and linear for numbers: models that are not learned in epochs.</summary>
internal sealed class TreeTraining(Screen screen, CancellationToken cancellation)
{
    /// <exception cref="InputException">The data do not fit, or a setting is not known.</exception>
    public int Run(ParseResult parse, string model, bool isRegression, TrainingDataOptions dataOptions, FittingOptions fitting, string output, bool asJson)
    {
        int seed = fitting.Seed(parse);
        TrainingData data = dataOptions.Load(parse, null, seed, screen, standardize: false, regression: isRegression);
        if (isRegression)
        {
            data.CheckTargets();
        }
        else
        {
            data.CheckClasses(null);
        }

        var problem = new TreeProblem(data.Train, data.HeldOut, isRegression ? 0 : data.Train.ClassCount, data.Preparation.Scale, data.Preparation.Offset)
        {
            ClassWeights = isRegression ? null : fitting.ClassWeights(parse, data, data.Train.ClassCount),
        };
        Graph graph = !TreeModels.Recognises(model) ? Ridge.Train(problem)
            : screen.Work($"growing from {data.Train.Count:N0} samples", progress => TreeModels.Train(model, problem, seed, Evaluator.Threads, fitting.Patience(parse), progress, cancellation));
        Describe(graph, data, isRegression);
        AtomicFile.Write(output, stream => OnnxExporter.Write(graph, stream));
        Report(graph, problem, data, output, asJson);
        return ExitCode.Done;
    }

    private static void Describe(Graph graph, TrainingData data, bool isRegression)
    {
        graph.Metadata[MetadataKeys.Task] = (isRegression ? NetworkTask.Regression : NetworkTask.Classification).Word();
        if (!isRegression && data.Train.ClassNames is { } names)
        {
            graph.Metadata[MetadataKeys.Labels] = string.Join('\n', names);
        }

        if (SampleData.Like(data.Train.Kind, data.Preparation)?.ToString() is { Length: > 0 } preparation)
        {
            graph.Metadata[MetadataKeys.InputPreparation] = preparation;
        }

        if (data.FeatureNames is { } features)
        {
            graph.Metadata[MetadataKeys.Features] = features;
        }
    }

    private void Report(Graph graph, TreeProblem problem, TrainingData data, string output, bool asJson)
    {
        TreeEnsemble? trees = graph.Nodes.Select(n => n.Operator).OfType<TreeEnsemble>().FirstOrDefault();
        (string Name, double Value)[] measures =
        [
            .. new[] { ("train", data.Train), ("held out", data.HeldOut), ("test", data.Test) }
                .Select(p => (p.Item1, trees is null ? MeanSquaredError(graph, problem, p.Item2) : problem.Measure(trees, p.Item2))).Where(p => double.IsFinite(p.Item2)),
        ];
        string metric = problem.Classes > 0 ? "accuracy" : "mean squared error";
        if (asJson)
        {
            screen.Json(json => WriteJson(json, output, trees, problem.Classes > 0 ? "accuracy" : "meanSquaredError", measures));
            return;
        }

        screen.Results.WriteLine($"{output}: {(trees is null ? string.Create(CultureInfo.InvariantCulture, $"{problem.Features + 1:N0} parameters") : $"{trees.Summary}, {trees.LeafCount.ToString(CultureInfo.InvariantCulture)} leaves")}");
        foreach ((string name, double value) in measures)
        {
            screen.Results.WriteLine($"{metric} {name}: {(problem.Classes > 0 ? (100 * value).ToString("F2", CultureInfo.InvariantCulture) + " %" : value.ToString("G5", CultureInfo.InvariantCulture))}");
        }
    }

    private static void WriteJson(Utf8JsonWriter json, string output, TreeEnsemble? trees, string metric, (string Name, double Value)[] measures)
    {
        json.WriteString("file", output);
        if (trees is not null)
        {
            json.WriteNumber("trees", trees.Trees.Length);
            json.WriteNumber("nodes", trees.NodeCount);
            json.WriteNumber("leaves", trees.LeafCount);
            json.WriteNumber("depth", trees.Depth);
        }

        json.WriteString("metric", metric);
        foreach ((string name, double value) in measures)
        {
            json.WriteNumber(name == "held out" ? "heldOut" : name, value);
        }
    }

    private static double MeanSquaredError(Graph graph, TreeProblem problem, Dataset? data)
    {
        if (data is null)
        {
            return double.NaN;
        }

        float[] weights = graph.Nodes[0].Input(1).Constant!.Floats;
        float bias = graph.Nodes[0].Input(2).Constant!.Floats[0];
        var x = new float[weights.Length];
        double sum = 0;
        for (int i = 0; i < data.Count; i++)
        {
            problem.Read(data, i, x);
            double y = bias;
            for (int f = 0; f < x.Length; f++)
            {
                y += weights[f] * x[f];
            }

            sum += (y - data.Targets![i]) * (y - data.Targets[i]);
        }

        return sum / data.Count;
    }
}
