using TinyInference;
using TinyInference.Converter.Conversion;
using TinyInference.Converter.Quantization;

namespace Converter.Tests.Quantization;

using TinyInference.Converter.Graphs;

/// <summary>Runs a converted network with one input and one output on reals.</summary>
internal sealed class BlobRunner
{
    private readonly Session _session;
    private readonly QuantizationParameters _input;
    private readonly QuantizationParameters _output;

    public BlobRunner(ConversionResult network)
    {
        _session = new Session(Model.Load(network.Blob));
        _input = network.Program.Inputs[0].Quantization!;
        _output = network.Program.Outputs[0].Quantization!;
    }

    public float[] Run(float[] reals)
    {
        _session.SetInput(0, Array.ConvertAll(reals, x => FixedPoint.Quantize(x, _input.Scale, _input.ZeroPoint)));
        _session.Run();
        var output = new sbyte[_session.Model.Outputs[0].ByteCount];
        _session.GetOutput(0, output);
        return Array.ConvertAll(output, q => _output.Scale * (q - _output.ZeroPoint));
    }
}
