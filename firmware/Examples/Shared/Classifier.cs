using TinyInference.Device;

namespace TinyInference.Examples;

/// <summary>A network whose outputs are scores of classes, fed with reals.</summary>
public sealed class Classifier
{
    private readonly Session _session;
    private readonly Tensor _input;
    private readonly Tensor _output;
    private readonly sbyte[] _quantized;
    private readonly sbyte[] _scores;
    private readonly float _scale;
    private readonly string[] _labels;

    /// <param name="model">One int8 input, one int8 output.</param>
    public Classifier(Model model)
    {
        _session = new Session(model);
        _input = model.Inputs[0];
        _output = model.Outputs[0];
        _quantized = new sbyte[_input.ElementCount];
        _scores = new sbyte[_output.ElementCount];
        _scale = Real.FromBits(_input.ScaleBits);
        string labels = model.GetMetadata(Metadata.Labels);
        _labels = labels is null ? new string[0] : labels.Split(new[] { '\n' });
    }

    /// <summary>Numbers in one input.</summary>
    public int InputCount => _input.ElementCount;

    /// <summary>Number of classes.</summary>
    public int ClassCount => _scores.Length;

    /// <summary>How sure the last classification was, in steps of the output's scale above its zero point.</summary>
    public int Confidence { get; private set; }

    /// <summary>
    /// Runs the network on <see cref="InputCount"/> readings and returns the class of the highest score. A recurrent network forgets what it was given before.
    /// </summary>
    public int Classify(float[] readings)
    {
        for (int i = 0; i < _quantized.Length; i++)
        {
            _quantized[i] = (sbyte)Real.Quantize(readings[i], _scale, _input.ZeroPoint, -128, 127);
        }

        return Classify(_quantized);
    }

    /// <summary>The same for an input that is quantized already.</summary>
    public int Classify(sbyte[] quantized)
    {
        _session.ResetState();
        _session.SetInput(0, quantized);
        _session.Run();
        _session.GetOutput(0, _scores);
        int best = 0;
        for (int i = 1; i < _scores.Length; i++)
        {
            if (_scores[i] > _scores[best])
            {
                best = i;
            }
        }

        Confidence = _scores[best] - _output.ZeroPoint;
        return best;
    }

    /// <summary>The name of a class.</summary>
    public string Label(int index) => index < _labels.Length ? _labels[index] : index.ToString();
}
