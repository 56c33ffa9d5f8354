using System.Text.Json.Serialization;

namespace TinyInference.Converter.Boards;

/// <summary>What is known of a board: boards/NAME.json, described by boards/board.schema.json.</summary>
internal sealed record Board
{
    [JsonPropertyName("$schema")]
    public string? Schema { get; init; }

    public required string Name { get; init; }

    public required string Title { get; init; }

    public required string Chip { get; init; }

    public required string Architecture { get; init; }

    public required int ClockMHz { get; init; }

    public required int RamBytes { get; init; }

    public required int PsramBytes { get; init; }

    /// <summary>What the managed heap has free for a model.</summary>
    public required int HeapBytes { get; init; }

    public required int LargestArrayBytes { get; init; }

    public required int FlashBytes { get; init; }

    public required BoardPartitions Partitions { get; init; }

    public required BoardConsole Console { get; init; }

    /// <summary>What nanoff calls its firmware.</summary>
    public required string Target { get; init; }

    public required BoardSpeed Speed { get; init; }

    /// <summary>Where each figure comes from.</summary>
    public required Dictionary<string, string> Sources { get; init; }
}

/// <param name="DeploymentBytes">For the application and its resources.</param>
/// <param name="StorageBytes">Internal storage, drive I:.</param>
internal sealed record BoardPartitions(int DeploymentBytes, int StorageBytes);

internal sealed record BoardConsole(string Port, int Baud, int TxPin, int RxPin);

/// <param name="InterpreterSlowdown">How many times as long as on the reference host (-Os) an IL instruction takes.</param>
/// <param name="NativeMips">Million machine instructions a second.</param>
internal sealed record BoardSpeed(double InterpreterSlowdown, [property: JsonPropertyName("nativeMIPS")] double NativeMips);
