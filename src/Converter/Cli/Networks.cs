using TinyInference.Converter.Cli.Prediction;
using TinyInference.Converter.Conversion;
using TinyInference.Converter.Quantization;

namespace TinyInference.Converter.Cli;

/// <summary>Opens what the user names, blob or model, to run it on data.</summary>
internal static class Networks
{
    /// <summary>A blob and a quantized model are run by the runtime, a float model is computed in float.</summary>
    /// <exception cref="InputException">It cannot be read or run.</exception>
    public static INetwork Open(string path, Screen screen)
    {
        if (BlobFile.IsBlob(path))
        {
            return new BlobNetwork(BlobFile.Load(path), path);
        }

        ModelFile file = ModelFile.Load(path, screen);
        return StaticQuantizer.NeedsCalibration(file.Graph)
            ? new FloatNetwork(file.Graph, path)
            : new BlobNetwork(Model.Load(NetworkConverter.Convert(file.Graph, null, QuantizationOptions.Default).Blob), path);
    }
}
