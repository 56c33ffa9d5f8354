using TinyInference.Converter.Lowering;

namespace TinyInference.Converter.Planning.Patches;

/// <summary>
/// Finds layers to execute patch by patch, so that a program needs less RAM. It tries runs of layers around the operator that needs most, cut into few or many stripes, and takes of
/// those that are good enough the one that costs least; again, until no peak can be lowered any more.
/// </summary>
internal static class PatchSearch
{
    /// <summary>More multiplications than this, against the whole network's, no saving is worth.</summary>
    public const double MostExtraMacs = 0.2;

    private const int MostLayers = 8;
    private const int MostRounds = 4;

    /// <summary>What one more operator counts as, in parts of the network's multiplications: it takes some 500 bytes of the device's RAM for its plan, and time to begin.</summary>
    private const double CostOfOperator = 0.002;

    /// <summary>A lower peak than the limit asks for, or without a limit, must be this much lower to be worth anything.</summary>
    private const double LeastSaving = 0.01;

    private static readonly int[] s_stripes = [2, 3, 4, 5, 6, 8, 12, 16];

    /// <param name="program">Its kernels chosen; it is not changed.</param>
    /// <param name="limit">Bytes of RAM for activations and scratch that are good enough; null for as few as possible.</param>
    /// <returns>The program itself where nothing is gained.</returns>
    public static (BlobProgram Program, MemoryPlan Plan) Run(BlobProgram program, int? limit, CancellationToken cancellation)
    {
        MemoryPlan plan = MemoryPlanner.Plan(program);
        long macs = program.Operators.Sum(RowOperator.Macs);
        for (int round = 0; round < MostRounds && !(plan.TotalBytes <= limit); round++)
        {
            List<Candidate> candidates = Candidates(program, plan.PeakOperator, macs, cancellation);
            if (Best(candidates, plan.TotalBytes, limit) is not { } best)
            {
                break;
            }

            (program, plan) = best;
        }

        return (program, plan);
    }

    private static List<Candidate> Candidates(BlobProgram program, int peak, long macs, CancellationToken cancellation)
    {
        var candidates = new List<Candidate>();
        for (int first = Math.Max(0, peak - MostLayers + 1); first <= peak; first++)
        {
            for (int last = Math.Max(peak, first + 1); last < Math.Min(program.Operators.Count, first + MostLayers); last++)
            {
                if (!StripeRewriter.CanCut(program, first, last))
                {
                    continue;
                }

                foreach (int stripes in s_stripes)
                {
                    cancellation.ThrowIfCancellationRequested();
                    if (StripeRewriter.Rewrite(program, first, last, stripes) is { } cut && cut.Patches.Sum(p => p.ExtraMacs) <= macs * MostExtraMacs)
                    {
                        double cost = ((double)cut.Patches.Sum(p => p.ExtraMacs) / Math.Max(1, macs)) + (CostOfOperator * cut.Operators.Count);
                        candidates.Add(new Candidate(cut, MemoryPlanner.Plan(cut, PlanEffort.Quick).TotalBytes, cost));
                    }
                }
            }
        }

        return candidates;
    }

    /// <summary>The cheapest that meets the limit; where none does, the one with the lowest peak, if that is lower than now.</summary>
    private static (BlobProgram, MemoryPlan)? Best(List<Candidate> candidates, int now, int? limit)
    {
        // A full search often finds a little less than a quick one.
        foreach (Candidate candidate in candidates.Where(c => c.Bytes <= limit * 1.05).OrderBy(c => c.Cost))
        {
            MemoryPlan plan = MemoryPlanner.Plan(candidate.Program);
            if (plan.TotalBytes <= limit)
            {
                return (candidate.Program, plan);
            }
        }

        int least = candidates.Select(c => c.Bytes).DefaultIfEmpty(int.MaxValue).Min();
        if (least > now * (1 - LeastSaving))
        {
            return null;
        }

        // Of those that are as low, but for a hair, the cheapest.
        BlobProgram lowest = candidates.Where(c => c.Bytes <= least * (1 + LeastSaving)).MinBy(c => c.Cost)!.Program;
        return (lowest, MemoryPlanner.Plan(lowest));
    }

    private sealed record Candidate(BlobProgram Program, int Bytes, double Cost);
}
