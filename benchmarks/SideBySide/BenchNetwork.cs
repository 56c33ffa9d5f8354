using TinyInference.Converter;
using TinyInference.Converter.Cli;
using TinyInference.Converter.Cli.Prediction;
using TinyInference.Converter.Conversion;
using TinyInference.Converter.Data;
using TinyInference.Converter.Demo;
using TinyInference.Converter.Features;
using TinyInference.Converter.Import;
using TinyInference.Converter.Quantization;
using TinyInference.IlMeter;

namespace TinyInference.SideBySide;

using TinyInference.Converter.Graphs;

/// <summary>A network that the benchmark runs.</summary>
/// <param name="Name">Its name in the table.</param>
/// <param name="Open">The quantized graph.</param>
internal sealed record BenchNetwork(string Name, Func<Graph> Open)
{
    /// <summary>Networks that need nothing but the repository: its sample, and a pruned one (a fifth of the weights of LeNet-300-100 left, random, in blocks of three output channels).</summary>
    public static IReadOnlyList<BenchNetwork> Own { get; } =
    [
        new("meter-digits", MeterDigitsNetwork),
        new("lenet300-20%x3", () => NetworkConverter.Prepare(SmallNetworks.LeNet300(0.2, 3))),
    ];

    private const int MostSamples = 3000;

    /// <summary>The names by which MLPerf Tiny's networks are known, and the files that hold them.</summary>
    private static readonly (string Name, string File)[] s_mlPerfTiny =
    [
        ("kws", "kws_ref_model.tflite"),
        ("ic", "pretrainedResnet_quant.tflite"),
        ("vww", "vww_96_int8.tflite"),
        ("ad", "ad01_int8.tflite"),
    ];

    /// <summary>Those of MLPerf Tiny's networks that are in a folder.</summary>
    public static IReadOnlyList<BenchNetwork> In(string folder) =>
        [.. s_mlPerfTiny.Where(n => File.Exists(Path.Combine(folder, n.File))).Select(n => new BenchNetwork(n.Name, () => NetworkConverter.Prepare(ModelImporter.Load(Path.Combine(folder, n.File)))))];

    /// <summary>A model of the user's.</summary>
    /// <param name="calibration">Typical inputs, which a float model needs; null for an int8 one.</param>
    /// <param name="withoutSoftmax">Its scores are the output.</param>
    /// <param name="screen">For messages.</param>
    /// <exception cref="InputException">It cannot be read or quantized.</exception>
    public static BenchNetwork Of(string path, string? calibration, bool withoutSoftmax, Screen screen) => new(Path.GetFileNameWithoutExtension(path), () =>
    {
        Graph graph = ModelFile.Load(path, screen).Graph;
        if (withoutSoftmax && !FinalSoftmax.Remove(graph))
        {
            throw new InputException($"{path}: has no softmax at its end; leave --no-softmax out");
        }

        if (!StaticQuantizer.NeedsCalibration(graph))
        {
            return StaticQuantizer.Quantize(graph, null, QuantizationOptions.Default, _ => { }, CancellationToken.None);
        }

        if (calibration is null)
        {
            throw new InputException($"{path}: is a float model; give a few hundred typical inputs with --calibration DATA");
        }

        var input = InputTensor.Of(graph.Inputs[0]);
        InputPreparation? preparation = FloatNetwork.PreparationOf(graph);
        Dataset data = Samples.Load(calibration, input, preparation, screen, DatasetOptions.Default);
        InputBinding binding = InputBinding.Create(data, input, preparation);
        var samples = new CalibrationSamples(Math.Min(data.Count, MostSamples), index =>
        {
            float[] real = new float[binding.Elements];
            binding.Read((int)((long)index * data.Count / Math.Min(data.Count, MostSamples)), real);
            return [FloatNetwork.Bind(graph.Inputs[0], real)];
        });
        return StaticQuantizer.Quantize(graph, samples, QuantizationOptions.Default, _ => { }, CancellationToken.None);
    });

    /// <summary>samples/meter-digits, calibrated with the pictures that the demonstration draws.</summary>
    private static Graph MeterDigitsNetwork()
    {
        Graph graph = NetworkConverter.Prepare(ModelImporter.Load(Path.Combine(RepositoryFolders.Root(), "samples", "meter-digits", "model.onnx")));
        (byte[] pixels, _) = MeterDigits.Draw(MeterDigits.CalibrationPictures, seed: 2);
        int length = MeterDigits.SampleShape.ElementCount;
        var samples = new CalibrationSamples(
            MeterDigits.CalibrationPictures,
            i => [new Tensor(graph.Inputs[0].Shape, Array.ConvertAll(pixels[(i * length)..((i + 1) * length)], p => p / 255f))]);
        return StaticQuantizer.Quantize(graph, samples, QuantizationOptions.Default, _ => { }, CancellationToken.None);
    }
}
