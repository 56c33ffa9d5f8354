using TinyInference.Converter.Language.Assignment;

namespace Converter.Tests.Language;

/// <summary>Matchings of words to cells: the exact solver against all matchings, bounds on random costs.</summary>
[TestClass]
public class AssignmentTest
{
    [TestMethod]
    [DataRow(1, 1)]
    [DataRow(3, 2)]
    [DataRow(4, 2)]
    [DataRow(5, 3)]
    [DataRow(7, 3)]
    public void The_exact_solver_finds_the_best_of_all_matchings(int words, int side)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            CellCosts costs = Costs(words, side, seed, spread: 1 + (seed % 3));
            Matching matching = ShortestPaths.Solve(costs, default);
            Check(costs, matching);
            Assert.AreEqual(Best(costs, 0, new bool[costs.Cells]), matching.Cost, 1e-6, $"seed {seed}");
            Assert.AreEqual(matching.Cost, matching.LowerBound, 1e-6);
        }
    }

    [TestMethod]
    [DataRow(60, 8)]
    [DataRow(225, 15)]
    public void The_exact_solver_proves_that_it_is_exact(int words, int side)
    {
        CellCosts costs = Costs(words, side, 1, spread: 3);
        Matching matching = ShortestPaths.Solve(costs, default);
        Check(costs, matching);
        Assert.AreEqual(matching.Cost, matching.LowerBound, 1e-6 * matching.Cost);
    }

    [TestMethod]
    public void Words_that_are_all_alike_get_a_cell_each()
    {
        var costs = new CellCosts(9, 3);
        Check(costs, ShortestPaths.Solve(costs, default));
    }

    private static void Check(CellCosts costs, Matching matching)
    {
        Assert.HasCount(costs.Words, matching.Cells);
        Assert.AreEqual(costs.Words, matching.Cells.Distinct().Count());
        Assert.IsTrue(matching.Cells.All(c => c >= 0 && c < costs.Cells));
        Assert.AreEqual(costs.Of(matching.Cells), matching.Cost, 1e-9);
    }

    private static double Best(CellCosts costs, int word, bool[] taken)
    {
        if (word == costs.Words)
        {
            return 0;
        }

        double best = double.PositiveInfinity;
        for (int cell = 0; cell < taken.Length; cell++)
        {
            if (!taken[cell])
            {
                taken[cell] = true;
                best = Math.Min(best, costs.Of(word, cell) + Best(costs, word + 1, taken));
                taken[cell] = false;
            }
        }

        return best;
    }

    /// <param name="spread">Some words matter more than others: the first by e^spread more than the last.</param>
    private static CellCosts Costs(int words, int side, int seed, double spread)
    {
        var costs = new CellCosts(words, side);
        var random = new Random(seed);
        for (int i = 0; i < costs.Rows.Length; i++)
        {
            float weight = (float)Math.Exp(spread * (1 - ((double)(i / side) / words)));
            costs.Rows[i] = weight * random.NextSingle();
            costs.Columns[i] = weight * random.NextSingle();
        }

        return costs;
    }
}
