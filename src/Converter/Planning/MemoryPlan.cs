using TinyInference.Converter.Lowering;

namespace TinyInference.Converter.Planning;

/// <summary>Where everything of a <see cref="BlobProgram"/> lies in the arena.</summary>
internal sealed class MemoryPlan
{
    /// <summary>Bytes of the arena: activations and the regions in which CONV_2D gathers windows.</summary>
    public required int ArenaBytes { get; init; }

    /// <summary>Bytes of the integers that kernels need beside the arena.</summary>
    public required int ScratchBytes { get; init; }

    /// <summary>The least that any placement could reach: the most bytes alive during one operator.</summary>
    public required int LowerBound { get; init; }

    /// <summary>The operator during which the most bytes are alive; -1 in a program without operators.</summary>
    public required int PeakOperator { get; init; }

    /// <summary>Bytes alive during each operator, its scratch not counted.</summary>
    public required int[] LiveBytesPerOperator { get; init; }

    /// <summary>What lies where and when.</summary>
    public required IReadOnlyList<PlacedBuffer> Buffers { get; init; }

    /// <summary>The offset in the arena of every tensor of the program.</summary>
    public required IReadOnlyDictionary<BlobTensor, int> Offsets { get; init; }

    /// <summary>For each operator, where CONV_2D gathers one window; -1 where it need not.</summary>
    public required int[] PatchOffsets { get; init; }

    /// <summary>All bytes of RAM that activations and kernels need.</summary>
    public int TotalBytes => ArenaBytes + ScratchBytes;
}

/// <summary>Some bytes of the arena, in use from operator First to operator Last.</summary>
/// <param name="Name">The first tensor that lies in it.</param>
/// <param name="First">-1: filled before the first operator.</param>
/// <param name="Last">The number of operators: read after the last one.</param>
internal sealed record PlacedBuffer(string Name, int Offset, int Bytes, int First, int Last);
