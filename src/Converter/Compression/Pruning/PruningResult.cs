namespace TinyInference.Converter.Compression.Pruning;

using TinyInference.Converter.Graphs;

/// <summary>What a round of pruning left.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Density">The share of the weights (or of the channels) that is left.</param>
/// <param name="Accuracy">On held-out samples, after retraining.</param>
/// <param name="Accepted">Whether the accuracy is within the bound.</param>
internal sealed record PruningRound(int Number, double Density, double Accuracy, bool Accepted);

/// <summary>One operator before and after.</summary>
/// <param name="Name">As in the network's file.</param>
/// <param name="Before">Its shape of weights before.</param>
/// <param name="After">Its shape of weights now.</param>
/// <param name="WeightsBefore">How many there were.</param>
/// <param name="WeightsAfter">How many are left that are not zero.</param>
internal sealed record PrunedLayer(string Name, Shape Before, Shape After, int WeightsBefore, int WeightsAfter);

/// <summary>A pruned network and how it came about.</summary>
/// <param name="Graph">Float; pruned weights are 0, pruned channels are gone.</param>
/// <param name="AccuracyBefore">Of the network that was given, on held-out samples.</param>
/// <param name="Accuracy">Of the result, on the same.</param>
/// <param name="Rounds">All that were tried; the last may not be accepted.</param>
/// <param name="Layers">Every operator with weights.</param>
/// <param name="Interrupted">The user has stopped it; the graph is that of the last accepted round.</param>
/// <param name="Failure">Why a later round could not be trained to its end; the graph is that of the last accepted round.</param>
internal sealed record PruningResult(
    Graph Graph, double AccuracyBefore, double Accuracy, IReadOnlyList<PruningRound> Rounds, IReadOnlyList<PrunedLayer> Layers, bool Interrupted, string? Failure)
{
    /// <summary>The share of all weights that is left.</summary>
    public double Density => (double)Layers.Sum(l => (long)l.WeightsAfter) / Layers.Sum(l => (long)l.WeightsBefore);

    /// <summary>Whether pruning ended because accuracy fell too far.</summary>
    public bool Stopped => Rounds.Any(r => !r.Accepted);
}
