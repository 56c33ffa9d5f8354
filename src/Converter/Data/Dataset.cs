using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Data;

/// <summary>
/// Samples of one shape with what is known about them. Immutable; subsets share the samples' memory; threads may share one.
/// </summary>
internal sealed record Dataset
{
    private readonly SampleStore _store;
    private readonly int[]? _indices;

    /// <param name="name">For messages: the file or folder.</param>
    /// <param name="store">The samples.</param>
    /// <param name="sampleShape">Of one sample; its element count is the store's.</param>
    /// <param name="kind">What the numbers mean.</param>
    public Dataset(string name, SampleStore store, Shape sampleShape, DataKind kind)
    {
        if (sampleShape.ElementCount != store.Elements)
        {
            throw new ArgumentException($"shape {sampleShape} has not {store.Elements} elements", nameof(sampleShape));
        }

        Name = name;
        _store = store;
        SampleShape = sampleShape;
        Kind = kind;
    }

    private Dataset(Dataset whole, int[] indices)
        : this(whole.Name, whole._store, whole.SampleShape, whole.Kind)
    {
        _indices = indices;
        ClassNames = whole.ClassNames;
        FeatureNames = whole.FeatureNames;
        Notices = whole.Notices;
    }

    public string Name { get; init; }

    public int Count => _indices?.Length ?? _store.Count;

    /// <summary>Images: height x width x channels; features: frames x width; vectors: n.</summary>
    public Shape SampleShape { get; }

    public DataKind Kind { get; }

    /// <summary>The class of each sample, 0 or more; null without labels.</summary>
    public int[]? Labels { get; init; }

    /// <summary>The number to predict for each sample, when that is not a class.</summary>
    public float[]? Targets { get; init; }

    /// <summary>The classes' names by label; null where labels are mere numbers.</summary>
    public IReadOnlyList<string>? ClassNames { get; init; }

    /// <summary>CSV: the name of each number of a sample; words have one for each word, "column=word".</summary>
    public IReadOnlyList<string>? FeatureNames { get; init; }

    /// <summary>What was decided while reading and people should know: columns left out, sound cut.</summary>
    public IReadOnlyList<string> Notices { get; init; } = [];

    /// <summary>Classes: as many as there are names, else the highest label and 1; 0 without labels.</summary>
    public int ClassCount => Labels is null ? 0 : ClassNames?.Count ?? (Labels.Length == 0 ? 0 : Labels.Max() + 1);

    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    /// <param name="destination">[elements of <see cref="SampleShape"/>], C order.</param>
    public void Read(int index, Span<float> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        _store.Read(_indices?[index] ?? index, destination);
    }

    /// <summary>The first samples; all where there are no more than <paramref name="count"/>.</summary>
    public Dataset Take(int count) => count >= Count ? this : Subset([.. Enumerable.Range(0, count)]);

    /// <summary>The samples at <paramref name="indices"/>, in that order.</summary>
    public Dataset Subset(int[] indices) => new(this, Array.ConvertAll(indices, i => _indices?[i] ?? i))
    {
        Labels = Labels is null ? null : Array.ConvertAll(indices, i => Labels[i]),
        Targets = Targets is null ? null : Array.ConvertAll(indices, i => Targets[i]),
    };

    /// <summary>Shuffles by <paramref name="seed"/> and holds out a part, of each class the same part. The same seed gives the same split.</summary>
    /// <param name="heldOut">Part of the samples, above 0 and below 1.</param>
    /// <param name="seed">Of the shuffle.</param>
    public (Dataset Kept, Dataset HeldOut) Split(double heldOut, int seed)
    {
        var random = new SplitMix(seed);
        var rest = new List<int>();
        var held = new List<int>();
        foreach (IGrouping<int, int> group in Enumerable.Range(0, Count).GroupBy(i => Labels?[i] ?? 0).OrderBy(g => g.Key))
        {
            int[] indices = [.. group];
            random.Shuffle(indices);
            int take = (int)Math.Round(indices.Length * heldOut, MidpointRounding.AwayFromZero);
            held.AddRange(indices.AsSpan(0, take));
            rest.AddRange(indices.AsSpan(take));
        }

        return (Shuffled(rest, random), Shuffled(held, random));
    }

    /// <summary>
    /// Holds out whole blocks, for series in time order where neighbours are alike: of every few blocks the last, order kept.
    /// </summary>
    /// <param name="heldOut">Part of the samples, above 0 and at most 0.5.</param>
    /// <param name="blocks">How many blocks the series is cut into.</param>
    public (Dataset Kept, Dataset HeldOut) SplitByBlocks(double heldOut, int blocks)
    {
        int period = Math.Max(2, (int)Math.Round(1 / heldOut));
        ILookup<bool, int> parts = Enumerable.Range(0, Count).ToLookup(i => (long)i * blocks / Count % period == period - 1);
        return (Subset([.. parts[false]]), Subset([.. parts[true]]));
    }

    private Dataset Shuffled(List<int> indices, SplitMix random)
    {
        int[] array = [.. indices];
        random.Shuffle(array);
        return Subset(array);
    }
}
