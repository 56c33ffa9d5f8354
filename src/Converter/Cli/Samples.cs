using TinyInference.Converter.Cli.Prediction;
using TinyInference.Converter.Data;
using TinyInference.Converter.Data.Images;
using TinyInference.Converter.Features;

namespace TinyInference.Converter.Cli;

/// <summary>Reads samples for a network.</summary>
internal static class Samples
{
    /// <param name="path">A file or a folder.</param>
    /// <param name="input">Where the samples go.</param>
    /// <param name="stated">What is known about preparing them; null for nothing.</param>
    /// <param name="screen">For what people should know about the data.</param>
    /// <param name="options">What the user says about them.</param>
    /// <exception cref="InputException">The data cannot be read or do not fit.</exception>
    public static Dataset Load(string path, InputTensor input, InputPreparation? stated, Screen screen, DatasetOptions options)
    {
        Dataset data = DatasetLoader.Load(path, options with
        {
            ExpectedElements = input.Shape.ElementCount,
            ImageShape = ImageSamples.ShapeOf(input.Shape),
            Features = InputBinding.FeaturesFor(input, stated),
        });
        foreach (string notice in data.Notices)
        {
            screen.Warning(notice);
        }

        return data;
    }
}
