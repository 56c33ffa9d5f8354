namespace TinyInference.IlMeter;

/// <summary>Compares what a network executes with what it executed when the counts were stored.</summary>
internal static class CountGate
{
    /// <summary>Compilers differ a little from version to version; a change of a kernel that matters is larger.</summary>
    private const double Tolerance = 0.01;

    /// <summary>What changes by less of the whole network is too small to matter, whatever part of its operator it is.</summary>
    private const double Negligible = 0.0001;

    private const string Remedy = $"if that is intended, store the new counts with: {StoredCounts.UpdateCommand}";

    /// <summary>Sentences about everything that is not as stored, one for each operator, and what to do; none when all is well.</summary>
    public static IReadOnlyList<string> Compare(string network, StoredOperator[] stored, StoredOperator[] now)
    {
        if (!stored.Select(o => o.Operator).SequenceEqual(now.Select(o => o.Operator)))
        {
            return [$"{network} has other operators than those stored", Remedy];
        }

        long whole = stored.Sum(o => o.Il);
        var all = new List<(StoredOperator Before, StoredOperator Now)>([.. stored.Zip(now), (new("(total)", whole), new("(total)", now.Sum(o => o.Il)))]);
        string[] differences = [.. all.Where(pair => Differs(pair.Before.Il, pair.Now.Il, whole)).Select(pair => Sentence(network, pair.Before, pair.Now))];
        return differences.Length == 0 ? [] : [.. differences, Remedy];
    }

    private static bool Differs(long before, long now, long whole) => Math.Abs(now - before) > Math.Max(before * Tolerance, whole * Negligible);

    private static string Sentence(string network, StoredOperator before, StoredOperator now) =>
        $"{network}, operator {before.Operator}: {now.Il:N0} IL instructions, stored {before.Il:N0} ({100.0 * (now.Il - before.Il) / Math.Max(1, before.Il):+0.0;-0.0} %): {(now.Il > before.Il ? "slower" : "faster")}";
}
