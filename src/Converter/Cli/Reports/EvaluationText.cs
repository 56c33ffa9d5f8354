using Spectre.Console;
using TinyInference.Converter.Cli.Prediction;
using TinyInference.Converter.Evaluation;

namespace TinyInference.Converter.Cli.Reports;

/// <summary>An <see cref="EvaluationResult"/> for people.</summary>
internal static class EvaluationText
{
    /// <summary>So many of the most frequent confusions stand for a matrix that does not fit.</summary>
    private const int MostConfusions = 10;

    public static void Write(EvaluationResult result, IAnsiConsole console)
    {
        console.MarkupLineInterpolated($"[bold]{result.Network}[/] ({result.Arithmetic}), {result.Samples:N0} samples");
        if (result.Confusion is not { } confusion)
        {
            console.MarkupLineInterpolated($"{result.Metric}: [bold]{result.Value:G6}[/]");
            foreach ((string name, double value) in result.Further)
            {
                console.WriteLine($"{name}: {value:G6}");
            }

            return;
        }

        Dictionary<string, double> further = result.Further.ToDictionary(f => f.Name, f => f.Value);
        console.MarkupLineInterpolated($"accuracy: [bold]{result.Value:P2}[/] ({confusion.Correct:N0} correct; 95 % interval {further["accuracyLow95"]:P1} to {further["accuracyHigh95"]:P1})");
        if (further.TryGetValue("auc", out double auc))
        {
            console.WriteLine($"auc: {auc:F4}");
        }

        console.WriteLine();
        WriteClasses(result, confusion, console);
        console.WriteLine();
        WriteConfusion(result, confusion, console);
    }

    private static void WriteClasses(EvaluationResult result, ConfusionMatrix confusion, IAnsiConsole console)
    {
        Table table = Tables.Create()
            .AddColumn(Tables.Number("#")).AddColumn(Tables.Text("class")).AddColumn(Tables.Number("samples"))
            .AddColumn(Tables.Number("recall")).AddColumn(Tables.Number("precision")).AddColumn(Tables.Number("F1"));
        for (int i = 0; i < confusion.Classes; i++)
        {
            Tables.AddRow(table, $"{i}", result.ClassNames[i], $"{confusion.Support(i):N0}", Percent(confusion.Recall(i)), Percent(confusion.Precision(i)), Percent(confusion.F1(i)));
        }

        console.Write(table);
    }

    private static void WriteConfusion(EvaluationResult result, ConfusionMatrix confusion, IAnsiConsole console)
    {
        int classes = confusion.Classes;
        int cell = 1 + Enumerable.Range(0, classes * classes).Max(i => Math.Max($"{confusion[i / classes, i % classes]}".Length, $"{i % classes}".Length));
        int label = result.ClassNames.Max(n => n.Length) + $"{classes - 1}".Length + 1;
        if (label + (cell * classes) > console.Profile.Width)
        {
            WriteMostFrequent(result, confusion, console);
            return;
        }

        console.WriteLine("confusion: a row for each class, a column for what it was taken for");
        console.WriteLine(new string(' ', label) + string.Concat(Enumerable.Range(0, classes).Select(i => $"{i}".PadLeft(cell))));
        for (int i = 0; i < classes; i++)
        {
            string counts = string.Concat(Enumerable.Range(0, classes).Select(j => (confusion[i, j] == 0 ? "." : $"{confusion[i, j]}").PadLeft(cell)));
            console.WriteLine($"{result.ClassNames[i]} {i}".PadLeft(label) + counts);
        }
    }

    private static void WriteMostFrequent(EvaluationResult result, ConfusionMatrix confusion, IAnsiConsole console)
    {
        var worst = Enumerable.Range(0, confusion.Classes)
            .SelectMany(i => Enumerable.Range(0, confusion.Classes).Select(j => (Label: i, Predicted: j, Count: confusion[i, j])))
            .Where(c => c.Label != c.Predicted && c.Count > 0)
            .OrderByDescending(c => c.Count)
            .Take(MostConfusions)
            .ToList();
        console.WriteLine(worst.Count == 0 ? "no sample was taken for another class" : "most frequent confusions:");
        foreach ((int label, int predicted, int count) in worst)
        {
            console.WriteLine($"  {count} x {result.ClassNames[label]} taken for {result.ClassNames[predicted]}");
        }
    }

    private static string Percent(double part) => double.IsNaN(part) ? "-" : $"{part:P1}";
}
