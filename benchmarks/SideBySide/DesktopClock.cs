using System.Diagnostics;

namespace TinyInference.SideBySide;

/// <summary>Times several actions in turn, so that what else the machine does meets all of them.</summary>
internal static class DesktopClock
{
    private const int Rounds = 15;
    private const double SecondsOfRound = 0.04;
    private const double SecondsToWarm = 0.6;

    /// <returns>Milliseconds of each action: the least of all rounds, as what else the machine does only adds to them.</returns>
    public static double[] Milliseconds(IReadOnlyList<Action> actions)
    {
        int[] times = [.. actions.Select(Warm)];
        var rounds = new double[actions.Count][];
        for (int i = 0; i < rounds.Length; i++)
        {
            rounds[i] = new double[Rounds];
        }

        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < actions.Count; i++)
            {
                rounds[i][round] = Seconds(actions[i], times[i]) / times[i] * 1000;
            }
        }

        return [.. rounds.Select(r => r.Min())];
    }

    /// <summary>Runs an action until the compiler has done what it will do for it; returns how often it fits a round.</summary>
    private static int Warm(Action action)
    {
        var watch = Stopwatch.StartNew();
        int count = 0;
        while (watch.Elapsed.TotalSeconds < SecondsToWarm || count < 60)
        {
            action();
            count++;
        }

        double one = watch.Elapsed.TotalSeconds / count;
        return Math.Max(1, (int)(SecondsOfRound / one));
    }

    /// <summary>Of processor time: what other processes take does not count.</summary>
    private static double Seconds(Action action, int times)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        for (int i = 0; i < times; i++)
        {
            action();
        }

        return (Environment.CpuUsage.TotalTime - before).TotalSeconds;
    }
}
