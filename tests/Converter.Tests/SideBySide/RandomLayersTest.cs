using System.Globalization;
using TinyInference.SideBySide;

namespace Converter.Tests.SideBySide;

[TestClass]
public class RandomLayersTest
{
    /// <summary>Says how many layers to compare; all of them: 'benchmarks/SideBySide -- --random 100000'.</summary>
    private const string Variable = "TINYINFERENCE_RANDOM_LAYERS";

    [TestMethod]
    public void Random_layers_give_the_same_bytes_by_plain_packed_sparse_and_generated_code()
    {
        int count = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : 300;

        (int generated, int sparse) = RandomLayers.Compare(count, seed: 7, Console.WriteLine);

        Console.WriteLine($"{count} layers, {generated} as code, {sparse} sparse");
        Assert.IsGreaterThan(count / 2, generated);
        Assert.IsGreaterThan(count / 20, sparse);
    }
}
