using TinyInference.Converter.Language;
using TinyInference.Converter.Training;
using TinyInference.Converter.Training.Recurrent;

namespace TinyInference.Converter.Commands.Training;

/// <summary>
/// The float network. A cell reads the row and the column vector of each word, and of the boundary behind the last. From the state some words later
/// comes the slot of a word; from the last state and the mean of all of them comes the intent.
/// </summary>
internal sealed class CommandNetwork
{
    public CommandNetwork(int vectors, int slots, int intents, CommandOptions options)
    {
        Delay = options.Delay;
        Embedding = new EmbeddingTable("vectors", vectors, options.Depth, options.Seed);
        Cell = RecurrentCell.Create(options.Cell, "cell", options.Depth, options.Units, options.Seed + 1);
        SlotHead = new SoftmaxHead("slots", options.Units, slots, options.Seed + 2);
        IntentHead = new SoftmaxHead("intents", 2 * options.Units, intents, options.Seed + 3);
        Parameters = [Embedding.Table, .. Cell.Parameters, .. SlotHead.Parameters, .. IntentHead.Parameters];
    }

    /// <summary>Words that are read after a word before its slot is decided.</summary>
    public int Delay { get; }

    /// <summary>[vectors, depth]; with a table its rows, then its columns.</summary>
    public EmbeddingTable Embedding { get; }

    public RecurrentCell Cell { get; }

    /// <summary>Class 0 is no slot.</summary>
    public SoftmaxHead SlotHead { get; }

    /// <summary>Reads [last state, mean state].</summary>
    public SoftmaxHead IntentHead { get; }

    public IReadOnlyList<Parameter> Parameters { get; }
}
