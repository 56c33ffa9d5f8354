using TinyInference.Converter.Cli.Learning;
using TinyInference.Converter.Data;
using TinyInference.Converter.Features;
using TinyInference.Converter.Graphs;

namespace Converter.Tests.Cli;

[TestClass]
public class StandardizationTest
{
    [TestMethod]
    public void Columns_that_differ_by_orders_of_magnitude_are_scaled_each_for_itself()
    {
        InputPreparation preparation = Standardization.Of(Table(i => [i * 1000, i % 7 * 0.01f, 5], "bytes", "rate", "constant"), null);
        float[] sample = [99_500, 0.03f, 5, 0, 0, 5];
        preparation.Apply(sample);

        Assert.AreEqual(0, sample[0], 0.05f);
        Assert.AreEqual(0, sample[1], 0.05f);
        Assert.AreEqual(0, sample[2], 0.05f);
        Assert.AreEqual(-1.73f, sample[3], 0.1f);
        Assert.AreEqual(-1.5f, sample[4], 0.1f);
        Assert.AreEqual(preparation, InputPreparation.Parse(preparation.ToString()));
    }

    [TestMethod]
    public void A_few_extreme_values_do_not_make_all_others_equal()
    {
        InputPreparation preparation = Standardization.Of(Table(i => [i == 7 ? 1e9f : i, 0.001f * i], "bytes", "rate"), null);
        float[] low = [0, 0];
        float[] high = [199, 0];
        float[] extreme = [1e9f, 0];
        preparation.Apply(low);
        preparation.Apply(high);
        preparation.Apply(extreme);

        Assert.IsTrue(high[0] - low[0] > 2);
        Assert.AreEqual(preparation.Limit, extreme[0]);
    }

    [TestMethod]
    public void Columns_of_one_unit_keep_what_they_have_in_common()
    {
        InputPreparation preparation = Standardization.Of(Table(i => [i, 200 - i, i % 50], "left", "right", "front"), null);
        Assert.IsNull(preparation.Columns);
        Assert.AreNotEqual(1, preparation.Scale);
    }

    [TestMethod]
    public void Words_stay_0_and_1()
    {
        InputPreparation preparation = Standardization.Of(Table(i => [i, i % 2, 1 - (i % 2)], "x", "kind=a", "kind=b"), null);
        Assert.AreEqual((1, 0), (preparation.Columns!.Scale[1], preparation.Columns.Offset[1]));
        Assert.AreEqual((1, 0), (preparation.Columns!.Scale[2], preparation.Columns.Offset[2]));
    }

    private static Dataset Table(Func<int, float[]> row, params string[] names) =>
        new("table", new FloatSamples([.. Enumerable.Range(0, 200).SelectMany(row)], names.Length), new Shape(names.Length), DataKind.Real) { FeatureNames = names };
}
