using TinyInference.Converter.Conversion;
using TinyInference.Converter.Data;
using TinyInference.Converter.Execution;
using TinyInference.Converter.Import;
using TinyInference.Converter.Quantization;

namespace Converter.Tests.Quantization;

using TinyInference.Converter.Graphs;

/// <summary>Float networks quantized by us, against their float results and what TensorFlow's own int8 versions of them reach.</summary>
[TestClass]
public class RealModelsTest
{
    [TestMethod]
    public void Keyword_spotting_loses_nothing()
    {
        Dataset data = DatasetLoader.Load(SharedFiles.Path("data/kws01-mfcc/kws01-mfcc-500.zip"), DatasetOptions.Default with { ExpectedElements = 490 });

        (int real, int int8) = Correct("kws_fp32.onnx", data, data, x => (x - 83) * 0.5847029089927673f);

        Assert.IsTrue(int8 >= 452 && int8 >= real - 2, $"{int8} of 500, float {real}");
    }

    [TestMethod]
    [DataRow("ic_fp32.onnx")]
    [DataRow("pretrainedResnet.tflite")]
    public void Image_classification_loses_at_most_half_a_point(string model)
    {
        Dataset training = DatasetLoader.Load(SharedFiles.Path("data/cifar10/train-3000.bin.gz"), DatasetOptions.Default);
        Dataset test = DatasetLoader.Load(SharedFiles.Path("data/cifar10/test-500.bin.gz"), DatasetOptions.Default);

        (int real, int int8) = Correct(model, training, test, x => x);

        Assert.IsTrue(int8 >= 445 && int8 >= real - 2, $"{int8} of 500, float {real}");
    }

    private static (int Real, int Int8) Correct(string model, Dataset calibration, Dataset test, Func<float, float> prepare)
    {
        Graph graph = NetworkConverter.Prepare(ModelImporter.Load(SharedFiles.Path("models/mlperf-tiny/" + model)));
        ConversionResult result = NetworkConverter.Convert(graph, new CalibrationSamples(calibration.Count, i => [Read(calibration, i)]), QuantizationOptions.Default);
        Console.WriteLine($"{model}: blob {result.Blob.Length} bytes, RAM {result.Plan.TotalBytes} bytes");
        var executor = new FloatExecutor(graph);
        var runner = new BlobRunner(result);
        int real = 0;
        int int8 = 0;
        for (int i = 0; i < test.Count; i++)
        {
            Tensor input = Read(test, i);
            real += Largest(executor.Run(input)[0].Floats) == test.Labels![i] ? 1 : 0;
            int8 += Largest(runner.Run(input.Floats)) == test.Labels[i] ? 1 : 0;
        }

        return (real, int8);

        Tensor Read(Dataset data, int index)
        {
            var sample = new float[graph.Inputs[0].Shape.ElementCount];
            data.Read(index, sample);
            return new Tensor(graph.Inputs[0].Shape, Array.ConvertAll(sample, x => prepare(x)));
        }
    }

    private static int Largest(float[] scores) => Array.IndexOf(scores, scores.Max());
}
