using TinyInference.Converter.Graphs;
using TinyInference.Converter.Training;
using TinyInference.Converter.Training.Recurrent;

namespace TinyInference.Converter.Language;

/// <summary>The float network: vectors, a cell, and one softmax after it for each component of a word.</summary>
internal sealed class LanguageNetwork
{
    public LanguageNetwork(WordCoding coding, LanguageOptions options)
    {
        Embedding = new EmbeddingTable("vectors", coding.Vectors, options.Depth, options.Seed);
        Cell = RecurrentCell.Create(options.Cell, "cell", options.Depth, options.Units, options.Seed + 1, options.Form);
        Heads = [.. coding.Heads.Select((classes, i) => new SoftmaxHead($"softmax{i}", options.Units, classes, options.Seed + 2 + i))];
        Parameters = [Embedding.Table, .. Cell.Parameters, .. Heads.SelectMany(h => h.Parameters)];
    }

    public EmbeddingTable Embedding { get; }

    public RecurrentCell Cell { get; }

    public IReadOnlyList<SoftmaxHead> Heads { get; }

    public IReadOnlyList<Parameter> Parameters { get; }
}
