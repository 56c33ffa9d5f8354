using System;

namespace TinyInference;

/// <summary>
/// Turns sound into features while it comes in: a frame as soon as its window is full, each computed once. Keeps the frames that the network looks at.
/// All memory is allocated by the constructor. Not for use from several threads at once.
/// </summary>
public sealed class FrameStream
{
    private readonly FeatureTables _tables;
    private readonly FrameTransform _transform;

    /// <summary>Samples that are still needed, from the beginning of the next window on; one more than a window, for odd ones.</summary>
    private readonly short[] _samples;

    /// <summary>[frames, width], a ring.</summary>
    private readonly short[] _features;

    /// <summary>The largest sample of each frame in the ring; -1 where all are 0.</summary>
    private readonly short[] _largest;

    private int _count;
    private int _skip;
    private int _next;

    /// <param name="tables">How sound becomes features.</param>
    public FrameStream(FeatureTables tables)
    {
        _tables = tables;
        _transform = new FrameTransform(tables);
        _samples = new short[tables.WindowSamples + 1];
        _features = new short[tables.Frames * tables.Width];
        _largest = new short[tables.Frames];
        Reset();
    }

    /// <summary>Frames since the beginning.</summary>
    public int FrameCount { get; private set; }

    /// <summary>Forgets all sound: what came before is silence.</summary>
    public void Reset()
    {
        _count = 0;
        _skip = 0;
        _next = 0;
        FrameCount = 0;
        for (int i = 0; i < _largest.Length; i++)
        {
            _largest[i] = -1;
        }
    }

    /// <summary>Takes the next <paramref name="count"/> samples of the sound, 16-bit, at the tables' rate.</summary>
    /// <returns>Frames that they completed.</returns>
    public int Push(short[] samples, int offset, int count)
    {
        int window = _tables.WindowSamples;
        int step = _tables.StepSamples;
        int frames = 0;
        int end = offset + count;
        while (offset < end)
        {
            if (_skip > 0)
            {
                int skipped = _skip < end - offset ? _skip : end - offset;
                _skip -= skipped;
                offset += skipped;
                continue;
            }

            int part = window - _count < end - offset ? window - _count : end - offset;
            Array.Copy(samples, offset, _samples, _count, part);
            _count += part;
            offset += part;
            if (_count == window)
            {
                _largest[_next] = (short)_transform.Compute(_samples, _features, _next * _tables.Width);
                _next = _next + 1 < _largest.Length ? _next + 1 : 0;
                _count = step < window ? window - step : 0;
                _skip = step - window + _count;
                Array.Copy(_samples, window - _count, _samples, 0, _count);
                frames++;
            }
        }

        FrameCount += frames;
        return frames;
    }

    /// <summary>
    /// Writes the last frames, oldest first, as a network's input takes them: [frames, width], int8. The sound is taken as loud as it would be had its
    /// largest sample been 1, as the converter's features are.
    /// </summary>
    /// <param name="input">Where to: a session's arena, or an array of its own.</param>
    /// <param name="offset">Of the first element.</param>
    public void Read(sbyte[] input, int offset)
    {
        FeatureTables tables = _tables;
        short[] features = _features;
        int width = tables.Width;
        int gained = tables.HasCosine ? 1 : width;
        int gain = Gain();
        long multiplier = tables.Multiplier;
        int shift = tables.Shift;
        long round = 1L << (shift - 1);
        int zeroPoint = tables.ZeroPoint;
        int frame = _next;
        for (int i = 0; i < _largest.Length; i++)
        {
            bool silent = _largest[frame] < 0;
            int place = frame * width;
            for (int k = 0; k < width; k++)
            {
                int x = silent ? (k < gained ? tables.Silence : 0) : k < gained ? features[place + k] - gain : features[place + k];
                int y = (int)(((x * multiplier) + round) >> shift) + zeroPoint;
                input[offset] = (sbyte)(y < -128 ? -128 : y > 127 ? 127 : y);
                offset++;
            }

            frame = frame + 1 < _largest.Length ? frame + 1 : 0;
        }
    }

    /// <summary>What the loudness of the last frames, and of the samples after them, adds to a stored feature.</summary>
    private int Gain()
    {
        int largest = 1;
        for (int i = 0; i < _largest.Length; i++)
        {
            if (_largest[i] > largest)
            {
                largest = _largest[i];
            }
        }

        for (int i = 0; i < _count; i++)
        {
            if (_samples[i] > largest)
            {
                largest = _samples[i];
            }
        }

        int log = FrameTransform.Log2(largest, _tables.Logarithm);
        return ((log * _tables.GainMultiplier) + _tables.GainOffset + (1 << 15)) >> 16;
    }
}
