using System.Globalization;
using System.Numerics.Tensors;
using TinyInference.Converter.Data;
using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Training;

/// <summary>
/// Small random changes that do not change what a sample is, so that a network learns not to mind them. Samples are images [H,W,C] or
/// features of sound [frames,bands,1]; those of rank 1 are one row. What is decided by chance depends on the seed alone.
/// </summary>
internal sealed class Augmentation
{
    private readonly int _height;
    private readonly int _width;
    private readonly int _channels;
    private readonly bool _isSound;
    private int _shift;
    private bool _flip;
    private float _noise;
    private int _cutout;
    private int _timeMask;
    private int _bandMask;

    private Augmentation(Shape sample, DataKind kind)
    {
        _height = sample.Rank > 1 ? sample[0] : 1;
        _width = sample.Rank > 1 ? sample[1] : sample.ElementCount;
        _channels = sample.ElementCount / (_height * _width);
        _isSound = kind is DataKind.Features or DataKind.Sound;
    }

    /// <summary>Reads a list apart by commas: <c>shift=2,flip,cutout=8,noise=4</c>, for sound <c>shift=3,noise=0.1,time-mask=8,band-mask=2</c>.</summary>
    /// <param name="sample">Shape of a sample.</param>
    /// <param name="kind">What its numbers are: sound is shifted in time only and not flipped.</param>
    /// <exception cref="InputException">A word is not known, or does not suit the samples.</exception>
    public static Augmentation Parse(string text, Shape sample, DataKind kind)
    {
        var augmentation = new Augmentation(sample, kind);
        foreach (string item in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] pair = item.Split('=', 2);
            augmentation.Set(pair[0], pair.Length > 1 ? pair[1] : null, item);
        }

        return augmentation;
    }

    /// <summary>Changes a sample in place.</summary>
    public void Apply(Span<float> sample, int seed)
    {
        var random = new SplitMix(seed);
        if (_shift > 0)
        {
            int down = _height > 1 ? random.Next((2 * _shift) + 1) - _shift : 0;
            int right = _isSound && _height > 1 ? 0 : random.Next((2 * _shift) + 1) - _shift;
            Shift(sample, down, right);
        }

        if (_flip && random.Next(2) == 1)
        {
            Flip(sample);
        }

        if (_noise > 0)
        {
            AddNoise(sample, random);
        }

        if (_cutout > 0)
        {
            Cut(sample, random.Next(_height) - (_cutout / 2), random.Next(_width) - (_cutout / 2));
        }

        if (_timeMask > 0)
        {
            int rows = random.Next(_timeMask + 1);
            MaskRows(sample, random.Next(_height - rows + 1), rows);
        }

        if (_bandMask > 0)
        {
            int columns = random.Next(_bandMask + 1);
            MaskColumns(sample, random.Next(_width - columns + 1), columns);
        }
    }

    private void Set(string key, string? value, string item)
    {
        switch (key)
        {
            case "shift":
                _shift = Integer(value, item, Math.Max(_height > 1 ? _height - 1 : _width - 1, 1));
                break;
            case "flip" when value is null && !_isSound && _width > 1 && _height > 1:
                _flip = true;
                break;
            case "cutout" when !_isSound && _width > 1 && _height > 1:
                _cutout = Integer(value, item, Math.Min(_height, _width));
                break;
            case "noise":
                _noise = float.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out float noise) && noise > 0 && float.IsFinite(noise)
                    ? noise
                    : throw new InputException($"augmentation: {item}: the noise's standard deviation is a number above 0");
                break;
            case "time-mask" when _isSound && _height > 1:
                _timeMask = Integer(value, item, _height);
                break;
            case "band-mask" when _isSound && _height > 1:
                _bandMask = Integer(value, item, _width);
                break;
            case "flip" or "cutout" or "time-mask" or "band-mask":
                throw new InputException($"augmentation: {item}: flip takes no number; flip and cutout=PIXELS are for images, time-mask=FRAMES and band-mask=BANDS are for features of sound");
            default:
                throw new InputException($"augmentation: \"{item}\" is not known; there are shift=PIXELS, flip, cutout=PIXELS, noise=DEVIATION, time-mask=FRAMES, band-mask=BANDS");
        }
    }

    private static int Integer(string? value, string item, int most) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0 && number <= most
            ? number
            : throw new InputException($"augmentation: {item}: takes a whole number from 1 to {most} for these samples");

    /// <summary>What comes in at an edge repeats that edge.</summary>
    private void Shift(Span<float> sample, int down, int right)
    {
        if (down == 0 && right == 0)
        {
            return;
        }

        float[] old = sample.ToArray();
        for (int y = 0; y < _height; y++)
        {
            int fromRow = Math.Clamp(y - down, 0, _height - 1) * _width;
            for (int x = 0; x < _width; x++)
            {
                int from = fromRow + Math.Clamp(x - right, 0, _width - 1);
                old.AsSpan(from * _channels, _channels).CopyTo(sample[(((y * _width) + x) * _channels)..]);
            }
        }
    }

    private void Flip(Span<float> sample)
    {
        for (int y = 0; y < _height; y++)
        {
            for (int left = 0, right = _width - 1; left < right; left++, right--)
            {
                for (int c = 0; c < _channels; c++)
                {
                    int a = (((y * _width) + left) * _channels) + c;
                    int b = (((y * _width) + right) * _channels) + c;
                    (sample[a], sample[b]) = (sample[b], sample[a]);
                }
            }
        }
    }

    /// <summary>Cutout (arXiv 1708.04552): a square, which may lie partly outside, becomes the sample's mean.</summary>
    private void Cut(Span<float> sample, int top, int left)
    {
        float mean = Mean(sample);
        int first = Math.Max(left, 0);
        int end = Math.Min(left + _cutout, _width);
        for (int y = Math.Max(top, 0); y < Math.Min(top + _cutout, _height); y++)
        {
            sample.Slice(((y * _width) + first) * _channels, (end - first) * _channels).Fill(mean);
        }
    }

    private void AddNoise(Span<float> sample, SplitMix random)
    {
        for (int i = 0; i < sample.Length; i++)
        {
            // Box and Muller's transform; the first logarithm's argument is never 0.
            double u = ((random.Next() >> 11) + 1) * (1.0 / (1L << 53));
            double v = (random.Next() >> 11) * (1.0 / (1L << 53));
            sample[i] += (float)(_noise * Math.Sqrt(-2 * Math.Log(u)) * Math.Cos(2 * Math.PI * v));
        }
    }

    /// <summary>SpecAugment (arXiv 1904.08779): some neighbouring frames become the sample's mean.</summary>
    private void MaskRows(Span<float> sample, int first, int rows) =>
        sample.Slice(first * _width * _channels, rows * _width * _channels).Fill(Mean(sample));

    /// <summary>SpecAugment: some neighbouring bands become the sample's mean.</summary>
    private void MaskColumns(Span<float> sample, int first, int columns)
    {
        float mean = Mean(sample);
        for (int y = 0; y < _height; y++)
        {
            sample.Slice(((y * _width) + first) * _channels, columns * _channels).Fill(mean);
        }
    }

    private static float Mean(ReadOnlySpan<float> sample) => TensorPrimitives.Sum(sample) / sample.Length;
}
