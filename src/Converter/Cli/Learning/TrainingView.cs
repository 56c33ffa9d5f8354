using System.Diagnostics;
using System.Globalization;
using Spectre.Console;
using TinyInference.Converter.Training;

namespace TinyInference.Converter.Cli.Learning;

/// <summary>Shows a training on standard error: on a terminal a bar with loss, accuracy, speed and remaining time, else a line now and then.</summary>
internal static class TrainingView
{
    private static readonly TimeSpan s_betweenLines = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_betweenUpdates = TimeSpan.FromSeconds(0.1);

    /// <summary>Runs <paramref name="work"/>, which reports after each step of training.</summary>
    /// <param name="samples">That an epoch has.</param>
    public static void Train(this Screen screen, int epochs, int samples, Action<Action<TrainingProgress>> work)
    {
        if (!screen.ShowsProgress)
        {
            Throttled(work, epochs, samples, s_betweenLines, (text, _) => screen.Note(text));
            return;
        }

        screen.Diagnostics.Progress()
            .AutoClear(true)
            .Columns(new ProgressBarColumn { Width = 20 }, new PercentageColumn(), new RemainingTimeColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .Start(context =>
            {
                ProgressTask task = context.AddTask("training", maxValue: 1);
                Throttled(work, epochs, samples, s_betweenUpdates, (text, part) =>
                {
                    task.Description = Markup.Escape(text);
                    task.Value = part;
                });
            });
    }

    private static void Throttled(Action<Action<TrainingProgress>> work, int epochs, int samples, TimeSpan interval, Action<string, double> show)
    {
        long start = Stopwatch.GetTimestamp();
        long last = start;
        int? firstStep = null;
        work(progress =>
        {
            firstStep ??= progress.Step - 1;
            if (Stopwatch.GetElapsedTime(last) < interval)
            {
                return;
            }

            last = Stopwatch.GetTimestamp();
            double perStep = (double)samples * epochs / progress.Steps;
            double speed = (progress.Step - firstStep.Value) * perStep / Stopwatch.GetElapsedTime(start).TotalSeconds;
            show(Describe(progress, epochs, speed), (double)progress.Step / progress.Steps);
        });
    }

    private static string Describe(TrainingProgress progress, int epochs, double speed)
    {
        string accuracy = double.IsNaN(progress.Accuracy) ? "" : string.Create(CultureInfo.InvariantCulture, $", accuracy {100 * progress.Accuracy:F1} %");
        return string.Create(CultureInfo.InvariantCulture, $"epoch {progress.Epoch}/{epochs}, loss {progress.Loss:G4}{accuracy}, {speed:N0} samples/s");
    }
}
