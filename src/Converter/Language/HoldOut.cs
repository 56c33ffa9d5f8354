namespace TinyInference.Converter.Language;

/// <summary>Which sentences of a corpus are not trained with but measured: a share of them, spread evenly. The same for every seed, so that figures compare.</summary>
internal readonly record struct HoldOut(double Share)
{
    /// <param name="sentence">From 0, of those that are not empty.</param>
    public bool Contains(long sentence) => Math.Floor((sentence + 1) * Share) > Math.Floor(sentence * Share);
}
