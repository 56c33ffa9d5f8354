using System.Diagnostics;
using Spectre.Console;

namespace TinyInference.Converter.Cli;

/// <summary>Long work on standard error: a bar with an estimate on a terminal, else a line now and then.</summary>
internal static class WorkProgress
{
    private static readonly TimeSpan s_betweenLines = TimeSpan.FromSeconds(10);

    /// <summary>Runs <paramref name="work"/>, which tells the part that is done (0 to 1), from any thread.</summary>
    public static T Work<T>(this Screen screen, string description, Func<Action<double>, T> work)
    {
        if (!screen.ShowsProgress)
        {
            return work(Lines(screen, description));
        }

        return screen.Diagnostics.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn { Width = 20 }, new PercentageColumn(), new RemainingTimeColumn())
            .Start(context =>
            {
                ProgressTask task = context.AddTask(Markup.Escape(description), maxValue: 1);
                return work(part => task.Value = part);
            });
    }

    private static Action<double> Lines(Screen screen, string description)
    {
        long next = Stopwatch.GetTimestamp() + Ticks(s_betweenLines);
        return part =>
        {
            long due = Interlocked.Read(ref next);
            long now = Stopwatch.GetTimestamp();
            if (now >= due && Interlocked.CompareExchange(ref next, now + Ticks(s_betweenLines), due) == due)
            {
                screen.Note($"{description}: {part:P0}");
            }
        };
    }

    private static long Ticks(TimeSpan span) => (long)(span.TotalSeconds * Stopwatch.Frequency);
}
