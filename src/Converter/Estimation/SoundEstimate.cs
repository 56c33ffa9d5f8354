using TinyInference.Converter.Boards;

namespace TinyInference.Converter.Estimation;

/// <summary>What features of sound are expected to take on a board, beside the network.</summary>
/// <param name="FrameMilliseconds">From a frame to the next: what a frame may take at most.</param>
/// <param name="FrameInstructions">Executed IL instructions of one frame: counted, not modelled.</param>
/// <param name="ReadInstructions">Likewise, to hand all frames to the network once.</param>
internal sealed record SoundEstimate(int FrameMilliseconds, long FrameInstructions, double FrameMicroseconds, long ReadInstructions, double ReadMicroseconds)
{
    /// <returns>Null where the blob holds no tables for sound.</returns>
    public static SoundEstimate? Of(Model model, Board board) => FeatureMeter.Count(model) is not { } counts ? null : new SoundEstimate(
        FeatureTables.Of(model).StepSamples * 1000 / FeatureTables.Of(model).SampleRate,
        counts.Frame.Total,
        TimeEstimate.ManagedMicroseconds(counts.Frame, board.Speed),
        counts.Read.Total,
        TimeEstimate.ManagedMicroseconds(counts.Read, board.Speed));
}
