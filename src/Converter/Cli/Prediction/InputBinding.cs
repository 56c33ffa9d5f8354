using TinyInference.Converter.Data;
using TinyInference.Converter.Features;
using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Cli.Prediction;

/// <summary>How samples of a data set become the real input of a network: scaled, and with channels first where the network wants that.</summary>
internal sealed class InputBinding
{
    private readonly Dataset _data;
    private readonly int _rows;

    private readonly InputPreparation _preparation;

    private InputBinding(Dataset data, InputPreparation preparation, int rows)
    {
        _data = data;
        _preparation = preparation;
        _rows = rows;
    }

    /// <summary>Real input = data * Scale + Offset, where columns have none of their own.</summary>
    public float Scale => _preparation.Scale;

    public float Offset => _preparation.Offset;

    public int Elements => _data.SampleShape.ElementCount;

    /// <param name="data">What there is.</param>
    /// <param name="input">What it goes into.</param>
    /// <param name="stated">What the user or the blob says about data; null where nothing is said.</param>
    /// <exception cref="InputException">The samples do not fit the input, or nothing says what int8 samples mean.</exception>
    public static InputBinding Create(Dataset data, InputTensor input, InputPreparation? stated)
    {
        Shape sample = data.SampleShape;
        if (sample.ElementCount != input.Shape.ElementCount)
        {
            throw new InputException(
                $"{data.Name}: a sample is {sample} ({sample.ElementCount:N0} numbers), the network's input '{input.Name}' takes {input.Shape} ({input.Shape.ElementCount:N0})");
        }

        InputPreparation preparation = Transform(data, input, stated);
        preparation.CheckColumns(sample.ElementCount, data.Name);
        return new InputBinding(data, preparation, RowsToTranspose(sample, input.Shape));
    }

    /// <summary>Features that WAV samples become: those stated, else what the shape of the input tells; null where it tells nothing.</summary>
    public static FeatureSettings? FeaturesFor(InputTensor input, InputPreparation? stated)
    {
        if (stated?.Features is { } settings)
        {
            return settings;
        }

        int[] extents = [.. input.Shape.Where(d => d > 1)];
        return extents switch
        {
            [var frames, 40] => new FeatureSettings { Kind = FeatureKind.LogMel, Frames = frames },
            [var frames, < 40 and var width] => new FeatureSettings { Coefficients = width, Frames = frames },
            _ => null,
        };
    }

    /// <param name="index">Of the sample.</param>
    /// <param name="real">[elements of the input].</param>
    public void Read(int index, Span<float> real)
    {
        _data.Read(index, real);
        _preparation.Apply(real);
        if (_rows > 1)
        {
            float[] given = real.ToArray();
            int columns = given.Length / _rows;
            for (int i = 0; i < given.Length; i++)
            {
                real[((i % columns) * _rows) + (i / columns)] = given[i];
            }
        }
    }

    private static InputPreparation Transform(Dataset data, InputTensor input, InputPreparation? stated)
    {
        // What is stated for sound is about features, otherwise about the data themselves, if they are of the kind that is stated.
        if (stated is not null && stated.Features is not null == (data.Kind == DataKind.Features) && (stated.Data is not { } type || type == TypeOf(data.Kind)))
        {
            return stated;
        }

        switch (data.Kind)
        {
            case DataKind.Pixels when input.Quantization is { } quantization:
                (float scale, float offset) = PixelRange(quantization);
                return new InputPreparation(null, scale, offset);
            case DataKind.RawInt8 when input.Quantization is { } quantization:
                return new InputPreparation(null, quantization.Scale, -quantization.Scale * quantization.ZeroPoint);
            case DataKind.RawInt8:
                throw new InputException(
                    $"{data.Name}: holds int8 numbers, and the network takes reals: say what they mean with --input-scale and --input-offset (real = number * scale + offset)");
            default:
                return new InputPreparation();
        }
    }

    private static RawType TypeOf(DataKind kind) => kind switch
    {
        DataKind.Pixels => RawType.UInt8,
        DataKind.RawInt8 => RawType.Int8,
        _ => RawType.Float32,
    };

    /// <summary>What the brightnesses 0 to 255 were made into for a network whose input has this range: 0..1, -1..1, or themselves.</summary>
    public static (float Scale, float Offset) PixelRange(QuantizationParameters quantization)
    {
        float low = quantization.Scale * (sbyte.MinValue - quantization.ZeroPoint);
        float high = quantization.Scale * (sbyte.MaxValue - quantization.ZeroPoint);
        bool Spans(float from, float to) => Math.Abs(low - from) < 0.02f * (to - from) && Math.Abs(high - to) < 0.02f * (to - from);
        return Spans(0, 1) ? (1 / 255f, 0)
            : Spans(-1, 1) ? (2 / 255f, -1)
            : Spans(-128, 127) ? (1, -128)
            : (1, 0);
    }

    /// <summary>
    /// Samples with channels last for an input with channels first, or the other way round: either is the transposition of a matrix, of
    /// which this is the number of rows. 1 where the samples go in as they are.
    /// </summary>
    private static int RowsToTranspose(Shape sample, Shape input)
    {
        int[] given = [.. sample.Where(d => d > 1)];
        int[] wanted = [.. input.Where(d => d > 1)];
        if (given.Length < 2 || given.SequenceEqual(wanted))
        {
            return 1;
        }

        return wanted.SequenceEqual([given[^1], .. given[..^1]]) ? sample.ElementCount / given[^1]
            : wanted.SequenceEqual([.. given[1..], given[0]]) ? given[0]
            : 1;
    }
}
