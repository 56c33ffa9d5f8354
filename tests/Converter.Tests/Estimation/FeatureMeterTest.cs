using TinyInference;
using TinyInference.Converter.Conversion;
using TinyInference.Converter.Estimation;
using TinyInference.Converter.Features;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Quantization;
using TinyInference.Converter.Sound;
using TinyInference.Converter.Training;

namespace Converter.Tests.Estimation;

[TestClass]
public class FeatureMeterTest
{
    /// <summary>Of a frame of MLPerf Tiny's keyword spotting; a rise beyond it is a slower device.</summary>
    private const int MostFrameInstructions = 86_500;

    [TestMethod]
    public void A_frame_costs_what_it_did()
    {
        if (!InstructionMeter.CountsOptimizedCode)
        {
            Assert.Inconclusive("skipped: a Debug build executes more instructions");
        }

        Graph graph = NamedNetworks.Create("dscnn:width=8,blocks=1", new Shape(49, 10, 1), 3, 1);
        KeywordBlob.Describe(graph, ["a", "silence", "unknown"], new FeatureSettings());
        graph = NetworkConverter.Prepare(graph);
        var samples = new CalibrationSamples(1, _ => [new TinyInference.Converter.Graphs.Tensor(graph.Inputs[0].Shape, new float[490])]);
        Model model = Model.Load(NetworkConverter.Convert(graph, samples, QuantizationOptions.Default).Blob);
        FeatureCounts counts = FeatureMeter.Count(model)!;
        Console.WriteLine($"{counts.Frame.Total:N0} IL a frame, {counts.Read.Total:N0} IL to read {FeatureTables.Of(model).Frames} frames");
        Assert.IsInRange(MostFrameInstructions * 9 / 10, MostFrameInstructions, counts.Frame.Total);
        Assert.IsLessThan(30_000, counts.Read.Total);
    }
}
