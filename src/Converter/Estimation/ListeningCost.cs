using System.Globalization;
using TinyInference.Converter.Boards;
using TinyInference.Converter.Cli.Reports;

namespace TinyInference.Converter.Estimation;

/// <summary>What listening without a pause is expected to take of a board's time.</summary>
/// <param name="FrameMilliseconds">From a frame to the next: times between answers are whole frames.</param>
/// <param name="Features">Part of the time that features take, whatever the network does: they have no generated or native form.</param>
/// <param name="Managed">Microseconds of an answer with managed kernels, the reading of its frames included.</param>
/// <param name="Generated">Likewise as generated C#.</param>
/// <param name="Native">Likewise with native kernels.</param>
internal sealed record ListeningCost(int FrameMilliseconds, double Features, double Managed, double Generated, double Native)
{
    /// <summary>Words are missed where answers are further apart.</summary>
    private const int LongestInterval = 500;

    /// <param name="blob">A valid one.</param>
    /// <returns>Null where it takes no sound.</returns>
    public static ListeningCost? Of(byte[] blob, Board board)
    {
        var model = Model.Load(blob);
        return SoundEstimate.Of(model, board) is { } sound ? Of(sound, TimeEstimate.Total(TimeEstimate.Of(blob, BlobReport.Create(model, ""), board))) : null;
    }

    /// <param name="network">All its operators together.</param>
    public static ListeningCost Of(SoundEstimate sound, TimeEstimate network) => new(
        sound.FrameMilliseconds,
        sound.FrameMicroseconds / (1000.0 * sound.FrameMilliseconds),
        network.Managed + sound.ReadMicroseconds,
        network.Generated + sound.ReadMicroseconds,
        network.Native + sound.ReadMicroseconds);

    /// <summary>Milliseconds from an answer to the next at which the board just keeps up; none where features alone take all of its time.</summary>
    /// <param name="answer">Microseconds of one.</param>
    public double? ShortestInterval(double answer) => Features < 1 ? answer / 1000 / (1 - Features) : null;

    /// <summary>What is left for answers.</summary>
    public override string ToString() => ShortestInterval(Managed) is not { } managed
        ? Text($"real time: features alone take {Features:F1} times the time there is: this board cannot listen without a pause")
        : Text($"real time: features take {100 * Features:F0} %, the rest suffices for an answer every {managed:N0} ms managed, {ShortestInterval(Generated):N0} ms generated, {ShortestInterval(Native):N0} ms native");

    /// <summary>How a board gets on with an answer every <paramref name="every"/> milliseconds, and what to do where it does not.</summary>
    public string Advice(Board board, int every)
    {
        double managed = Load(Managed, every);
        string loads = Text($"on {board.Name}, by a model, a second of sound would take {managed:F2} s managed, {Load(Generated, every):F2} s generated, {Load(Native, every):F2} s with native kernels");
        return loads + (managed <= 1 ? ": managed code keeps up"
            : Features >= 1 ? ": features alone take too long there; 'keywords train --size small' makes a network with cheaper ones"
            : ShortestInterval(Managed) is <= LongestInterval and { } interval ? Text($": managed code keeps up with --every {Math.Ceiling(interval / FrameMilliseconds) * FrameMilliseconds:F0} or more")
            : ": managed code does not keep up; use generated code or native kernels, or 'keywords train --size small'");
    }

    /// <summary>Seconds of work for a second of sound.</summary>
    private double Load(double answer, int every) => Features + (answer / 1000 / every);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
