#nullable disable

namespace TinyInference.SideBySide;

/// <summary>One convolution or fully connected layer of a <see cref="NaiveNetwork"/>, which is a convolution of one pixel with a kernel of 1 x 1.</summary>
internal sealed class NaiveLayer
{
    private readonly OperatorKind _kind;
    private readonly sbyte[] _weights;
    private readonly int[] _biases;
    private readonly int[] _multipliers;
    private readonly sbyte[] _shifts;
    private readonly int _input;
    private readonly int _output;

    /// <summary>Kernel, strides, dilations, paddings: docs/SPEC.md.</summary>
    private readonly int[] _window;
    private readonly int _height;
    private readonly int _width;
    private readonly int _channels;
    private readonly int _outputHeight;
    private readonly int _outputWidth;
    private readonly int _inputZeroPoint;
    private readonly int _outputZeroPoint;
    private readonly int _min;
    private readonly int _max;

    public NaiveLayer(Operator op)
    {
        int[] p = op.Parameters;
        int[] x = op.Inputs[0].Dimensions;
        int[] y = op.Outputs[0].Dimensions;
        bool isDense = op.Kind == OperatorKind.FullyConnected;
        int at = isDense ? 1 : 9;
        _kind = op.Kind;
        _input = op.Inputs[0].ArenaOffset;
        _output = op.Outputs[0].ArenaOffset;
        _window = isDense ? new int[] { 1, 1, 1, 1, 1, 1, 0, 0 } : p;
        _height = isDense ? op.Inputs[0].ElementCount / p[0] : x[1];
        _width = isDense ? 1 : x[2];
        _channels = isDense ? p[0] : x[3];
        _outputHeight = isDense ? _height : y[1];
        _outputWidth = isDense ? 1 : y[2];
        _inputZeroPoint = op.Inputs[0].ZeroPoint;
        _outputZeroPoint = p[at];
        _min = p[at + 1];
        _max = p[at + 2];
        _multipliers = op.Multipliers;
        _shifts = op.Shifts;
        _weights = new sbyte[op.WeightsLength];
        for (int i = 0; i < _weights.Length; i++)
        {
            _weights[i] = (sbyte)op.Weights[op.WeightsStart + i];
        }

        // The blob has folded the zero point into the biases; these loops subtract it themselves.
        _biases = new int[op.Biases.Length];
        int perChannel = _weights.Length / _biases.Length;
        for (int o = 0; o < _biases.Length; o++)
        {
            int sum = 0;
            for (int i = 0; i < perChannel; i++)
            {
                sum += _weights[_kind == OperatorKind.DepthwiseConv2D ? (i * _biases.Length) + o : (o * perChannel) + i];
            }

            _biases[o] = op.Biases[o] + (_inputZeroPoint * sum);
        }
    }

    public void Run(sbyte[] arena)
    {
        if (_kind == OperatorKind.DepthwiseConv2D)
        {
            RunDepthwise(arena);
        }
        else
        {
            RunConvolution(arena);
        }
    }

    private void RunConvolution(sbyte[] arena)
    {
        sbyte[] weights = _weights;
        int[] window = _window;
        int zeroPoint = _inputZeroPoint;
        int height = _height;
        int width = _width;
        int outputs = _biases.Length;
        int channels = weights.Length / (outputs * window[0] * window[1]);
        int ofGroup = outputs / (_channels / channels);
        int y = _output;
        for (int row = 0; row < _outputHeight; row++)
        {
            for (int column = 0; column < _outputWidth; column++)
            {
                int w = 0;
                for (int o = 0; o < outputs; o++)
                {
                    int sum = _biases[o];
                    int group = _input + (o / ofGroup * channels);
                    for (int ky = 0; ky < window[0]; ky++)
                    {
                        int inputRow = (row * window[2]) - window[6] + (ky * window[4]);
                        for (int kx = 0; kx < window[1]; kx++)
                        {
                            int inputColumn = (column * window[3]) - window[7] + (kx * window[5]);
                            if (inputRow >= 0 && inputRow < height && inputColumn >= 0 && inputColumn < width)
                            {
                                int x = group + (((inputRow * width) + inputColumn) * _channels);
                                for (int i = 0; i < channels; i++)
                                {
                                    sum += weights[w + i] * (arena[x + i] - zeroPoint);
                                }
                            }

                            w += channels;
                        }
                    }

                    arena[y] = Requantize(sum, o);
                    y++;
                }
            }
        }
    }

    private void RunDepthwise(sbyte[] arena)
    {
        sbyte[] weights = _weights;
        int[] window = _window;
        int zeroPoint = _inputZeroPoint;
        int height = _height;
        int width = _width;
        int channels = _channels;
        int outputs = _biases.Length;
        int multiplier = outputs / channels;
        int y = _output;
        for (int row = 0; row < _outputHeight; row++)
        {
            for (int column = 0; column < _outputWidth; column++)
            {
                for (int o = 0; o < outputs; o++)
                {
                    int sum = _biases[o];
                    int x = _input + (o / multiplier);
                    int w = o;
                    for (int ky = 0; ky < window[0]; ky++)
                    {
                        int inputRow = (row * window[2]) - window[6] + (ky * window[4]);
                        for (int kx = 0; kx < window[1]; kx++)
                        {
                            int inputColumn = (column * window[3]) - window[7] + (kx * window[5]);
                            if (inputRow >= 0 && inputRow < height && inputColumn >= 0 && inputColumn < width)
                            {
                                sum += weights[w] * (arena[x + (((inputRow * width) + inputColumn) * channels)] - zeroPoint);
                            }

                            w += outputs;
                        }
                    }

                    arena[y] = Requantize(sum, o);
                    y++;
                }
            }
        }
    }

    /// <summary>docs/ARITHMETIC.md.</summary>
    private sbyte Requantize(int sum, int channel)
    {
        int at = _multipliers.Length == 1 ? 0 : channel;
        int shift = _shifts[at];
        if (shift > 0)
        {
            sum <<= shift;
        }

        long high = (((long)sum * _multipliers[at]) + (1L << 30)) >> 31;
        if (shift < 0)
        {
            high = (high + (1L << (-shift - 1)) + (high >> 63)) >> -shift;
        }

        int result = (int)high + _outputZeroPoint;
        return (sbyte)(result < _min ? _min : result > _max ? _max : result);
    }
}
