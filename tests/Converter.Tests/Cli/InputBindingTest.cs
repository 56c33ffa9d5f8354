using TinyInference.Converter;
using TinyInference.Converter.Cli.Prediction;
using TinyInference.Converter.Data;
using TinyInference.Converter.Features;
using TinyInference.Converter.Graphs;

namespace Converter.Tests.Cli;

[TestClass]
public class InputBindingTest
{
    private static readonly float[] s_ramp = [.. Enumerable.Range(0, 12).Select(i => (float)i)];

    [TestMethod]
    [DataRow(1 / 255f, -128, 1 / 255f, 0f, DisplayName = "0 to 1")]
    [DataRow(2 / 255f, -1, 2 / 255f, -1f, DisplayName = "-1 to 1")]
    [DataRow(1f, -128, 1f, 0f, DisplayName = "0 to 255")]
    [DataRow(1f, 0, 1f, -128f, DisplayName = "-128 to 127")]
    [DataRow(0.3f, 5, 1f, 0f, DisplayName = "something else")]
    public void Pixels_are_scaled_as_the_range_of_a_quantized_input_tells(float scale, int zeroPoint, float expectedScale, float expectedOffset)
    {
        InputBinding binding = InputBinding.Create(Samples(DataKind.Pixels, new Shape(2, 2, 3)), Input(scale, zeroPoint, 1, 2, 2, 3), null);

        Assert.AreEqual(expectedScale, binding.Scale);
        Assert.AreEqual(expectedOffset, binding.Offset);
    }

    [TestMethod]
    public void Int8_samples_are_the_input_tensor_as_it_stands()
    {
        InputBinding binding = InputBinding.Create(Samples(DataKind.RawInt8, new Shape(12)), Input(0.5847029f, 83, 1, 12), null);
        var real = new float[12];
        binding.Read(0, real);

        CollectionAssert.AreEqual(s_ramp, Array.ConvertAll(real, x => MathF.Round(x / 0.5847029f) + 83));
    }

    [TestMethod]
    public void What_is_stated_counts_for_data_and_not_for_features_of_sound()
    {
        var stated = new InputPreparation(Scale: 3, Offset: 4);
        var forSound = new InputPreparation(new FeatureSettings(), 5, 6);
        InputTensor input = new("x", new Shape(1, 12), null);

        Assert.AreEqual(3, InputBinding.Create(Samples(DataKind.Real, new Shape(12)), input, stated).Scale);
        Assert.AreEqual(1, InputBinding.Create(Samples(DataKind.Features, new Shape(12)), input, stated).Scale);
        Assert.AreEqual(5, InputBinding.Create(Samples(DataKind.Features, new Shape(12)), input, forSound).Scale);
        Assert.AreEqual(1, InputBinding.Create(Samples(DataKind.Real, new Shape(12)), input, forSound).Scale);
    }

    [TestMethod]
    public void Channels_go_where_the_network_wants_them()
    {
        var real = new float[12];
        InputBinding.Create(Samples(DataKind.Real, new Shape(2, 2, 3)), new InputTensor("x", new Shape(1, 3, 2, 2), null), null).Read(0, real);
        CollectionAssert.AreEqual(new float[] { 0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11 }, real);

        InputBinding.Create(Samples(DataKind.Real, new Shape(3, 2, 2)), new InputTensor("x", new Shape(1, 2, 2, 3), null), null).Read(0, real);
        CollectionAssert.AreEqual(new float[] { 0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11 }, real);

        InputBinding.Create(Samples(DataKind.Real, new Shape(2, 2, 3)), new InputTensor("x", new Shape(1, 2, 2, 3), null), null).Read(0, real);
        CollectionAssert.AreEqual(s_ramp, real);
    }

    [TestMethod]
    public void A_sample_of_another_size_is_refused_with_both_shapes()
    {
        InputException e = Assert.ThrowsExactly<InputException>(() => InputBinding.Create(Samples(DataKind.Real, new Shape(12)), new InputTensor("x", new Shape(1, 13), null), null));

        StringAssert.Contains(e.Message, "a sample is 12 (12 numbers), the network's input 'x' takes 1x13 (13)");
    }

    private static Dataset Samples(DataKind kind, Shape shape) => new("data", new FloatSamples(s_ramp, 12), shape, kind);

    private static InputTensor Input(float scale, int zeroPoint, params int[] shape) => new("x", new Shape(shape), new QuantizationParameters(scale, zeroPoint));
}
