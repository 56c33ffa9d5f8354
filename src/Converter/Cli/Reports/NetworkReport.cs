using TinyInference.Converter.Planning.Patches;

namespace TinyInference.Converter.Cli.Reports;

/// <summary>One tensor at the border of a network.</summary>
/// <param name="Scale">Null for plain integers and floats.</param>
internal sealed record TensorReport(string Name, int[] Shape, string Type, float? Scale, int ZeroPoint);

/// <summary>What one operator costs.</summary>
/// <param name="Macs">Multiplications with accumulation for one sample.</param>
/// <param name="Parameters">Weights and biases, counted; 0 where they are those of an operator before.</param>
/// <param name="WeightBytes">As stored, without biases; lookup tables count. 0 where they are those of an operator before.</param>
/// <param name="RamBytes">Bytes of the arena in use while it runs; null where no plan is known.</param>
internal sealed record OperatorReport(string Kind, string Name, int[][] InputShapes, int[] OutputShape, string Type, long Macs, long Parameters, long WeightBytes, int? RamBytes)
{
    /// <summary>How the weights are stored and multiplied; empty without weights, or where that is not decided.</summary>
    public string Encoding { get; init; } = "";
}

/// <summary>The arena and what a session needs beside it.</summary>
/// <param name="ActivationBytes">The arena itself.</param>
/// <param name="ScratchBytes">Integers that kernels need beside it.</param>
internal sealed record MemoryReport(int ActivationBytes, int ScratchBytes)
{
    public int TotalBytes => ActivationBytes + ScratchBytes;
}

/// <summary>A network as <c>inspect</c> shows it, wherever it came from.</summary>
/// <param name="BlobBytes">Length of the blob; null where there is none.</param>
/// <param name="Memory">Null where there is no plan.</param>
internal sealed record NetworkReport(
    string File,
    string Format,
    string Name,
    string? Task,
    string[] Labels,
    string? InputPreparation,
    IReadOnlyList<TensorReport> Inputs,
    IReadOnlyList<TensorReport> Outputs,
    IReadOnlyList<OperatorReport> Operators,
    int? BlobBytes,
    MemoryReport? Memory)
{
    /// <summary>Operators that are layers executed patch by patch.</summary>
    public IReadOnlyList<PatchedOperators> Patches { get; init; } = [];

    public long Macs => Operators.Sum(o => o.Macs);

    public long Parameters => Operators.Sum(o => o.Parameters);

    public long WeightBytes => Operators.Sum(o => o.WeightBytes);

    /// <summary>The operator during which most of the arena is in use; -1 without a plan.</summary>
    public int PeakOperator => Operators.Select((o, i) => (o.RamBytes, i)).Where(p => p.RamBytes is not null)
        .OrderByDescending(p => p.RamBytes).Select(p => p.i).FirstOrDefault(-1);
}
