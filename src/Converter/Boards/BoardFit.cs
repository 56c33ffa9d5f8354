using System.Buffers.Binary;

namespace TinyInference.Converter.Boards;

/// <summary>What a blob needs of a board, and whether the board has it.</summary>
/// <param name="Resource">heap, largest array, flash.</param>
/// <param name="Needed">Bytes.</param>
/// <param name="Available">Bytes.</param>
/// <param name="Detail">What makes the need up.</param>
internal sealed record BoardNeed(string Resource, long Needed, long Available, string Detail)
{
    public bool IsMet => Needed <= Available;
}

internal static class BoardFit
{
    /// <summary>Application, runtime and class libraries in the deployment partition beside a blob: an upper bound on what this project's examples take.</summary>
    private const int ApplicationBytes = 256 * 1024;

    /// <summary>What objects, array headers and the console take beside the arrays: NANOFRAMEWORK cells of 12 bytes, 12 a field.</summary>
    private const int ObjectOfTensor = 12 + (7 * 12) + 24;
    private const int ObjectOfOperator = 12 + (12 * 12) + (7 * 24);
    private const int Console = 4096;
    private const string Flash = "flash";

    /// <param name="blob">A valid blob.</param>
    public static IReadOnlyList<BoardNeed> Needs(byte[] blob, Board board)
    {
        var model = Model.Load(blob);
        int weightsOffset = BinaryPrimitives.ReadInt32LittleEndian(blob.AsSpan(48));
        int weights = BinaryPrimitives.ReadInt32LittleEndian(blob.AsSpan(52));
        int scratch = (4 * model.Scratch32) + (8 * model.Scratch64);
        int input = model.Inputs.Sum(t => t.ByteCount);
        int objects = (model.Tensors.Length * ObjectOfTensor) + (model.Operators.Length * ObjectOfOperator) + Console;

        // The least: the plan as integers and metadata, weights read operator by operator.
        long heap = model.ArenaBytes + scratch + (2L * weightsOffset) + model.LargestWeights + (2L * input) + objects;
        int largest = Math.Max(Math.Max(model.ArenaBytes, model.LargestWeights), weightsOffset);
        int storage = Math.Max(board.Partitions.StorageBytes, board.Partitions.DeploymentBytes - ApplicationBytes);
        return
        [
            new BoardNeed("heap", heap, board.HeapBytes, $"activations {model.ArenaBytes:N0}, scratch {scratch:N0}, plan {2 * weightsOffset:N0}, weights of one operator {model.LargestWeights:N0} (all: {weights:N0}), sample {2 * input:N0}, objects {objects:N0}"),
            new BoardNeed("largest array", largest, board.LargestArrayBytes, "activations, weights of one operator, or plan"),
            new BoardNeed(Flash, blob.Length, storage, $"as a file (internal storage {board.Partitions.StorageBytes:N0}) or a resource (deployment partition {board.Partitions.DeploymentBytes:N0} less the application's {ApplicationBytes:N0})"),
        ];
    }

    /// <summary>Bytes of RAM too few; 0 where it suffices.</summary>
    /// <param name="blob">A valid blob.</param>
    public static long MissingRam(byte[] blob, Board board) => Needs(blob, board).Where(n => n.Resource != Flash).Max(n => Math.Max(0, n.Needed - n.Available));

    /// <exception cref="InputException">The board lacks something; says what, and by how much.</exception>
    public static void Check(byte[] blob, Board board, string name)
    {
        string[] lacks = [.. Needs(blob, board).Where(n => !n.IsMet)
            .Select(n => $"{n.Resource}: needs {n.Needed:N0} bytes, has {n.Available:N0}: {n.Needed - n.Available:N0} too few ({n.Detail})")];
        if (lacks.Length > 0)
        {
            throw new InputException($"{name}: does not fit {board.Name}: {string.Join("; ", lacks)}. Use a smaller network or a board with more memory");
        }
    }
}
