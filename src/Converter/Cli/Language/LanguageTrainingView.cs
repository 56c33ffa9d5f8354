using System.Diagnostics;
using System.Globalization;
using Spectre.Console;
using TinyInference.Converter.Language;

namespace TinyInference.Converter.Cli.Language;

/// <summary>Shows the training of a language model on standard error: on a terminal a bar, else a line now and then; and a line for each round.</summary>
internal static class LanguageTrainingView
{
    private static readonly TimeSpan s_betweenLines = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_betweenUpdates = TimeSpan.FromSeconds(0.1);

    /// <param name="name">What is trained.</param>
    public static void Train(this Screen screen, string name, LanguageTraining training, CancellationToken cancellation)
    {
        if (!screen.ShowsProgress)
        {
            training.Run(Throttled(s_betweenLines, (text, _) => screen.Note($"{name}: {text}")), _ => screen.Note($"{name}: {Round(training)}"), cancellation);
            return;
        }

        screen.Diagnostics.Progress()
            .AutoClear(true)
            .Columns(new ProgressBarColumn { Width = 20 }, new PercentageColumn(), new RemainingTimeColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .Start(context =>
            {
                ProgressTask task = context.AddTask(Markup.Escape(name), maxValue: 1);
                Action<LanguageProgress> report = Throttled(s_betweenUpdates, (text, part) =>
                {
                    task.Description = Markup.Escape($"{name}: {text}");
                    task.Value = part;
                });
                training.Run(report, _ => screen.Note($"{name}: {Round(training)}"), cancellation);
            });
    }

    private static Action<LanguageProgress> Throttled(TimeSpan interval, Action<string, double> show)
    {
        long last = Stopwatch.GetTimestamp();
        return progress =>
        {
            if (Stopwatch.GetElapsedTime(last) >= interval)
            {
                last = Stopwatch.GetTimestamp();
                show(Describe(progress), progress.Part);
            }
        };
    }

    private static string Describe(LanguageProgress p) =>
        string.Create(CultureInfo.InvariantCulture, $"round {p.Round}/{p.Rounds}, epoch {p.Epoch}/{p.Epochs}, perplexity {p.Perplexity:F1} so far, {100 * p.Part:F0} %");

    private static string Round(LanguageTraining training)
    {
        LanguageEpoch last = training.History[^1];
        return string.Create(CultureInfo.InvariantCulture, $"round {last.Round}: perplexity {last.Trained:F2} trained, {last.HeldOut:F2} held out");
    }
}
