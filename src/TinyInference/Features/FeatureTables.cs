namespace TinyInference;

/// <summary>
/// How sound becomes features, as the converter has worked it out: sizes and tables, from the blob's resource 3 (docs/SPEC.md). Validated; any number
/// of <see cref="FrameStream"/> objects may share one.
/// </summary>
public sealed class FeatureTables
{
    private const int LogMel = 2;
    private const int HeaderBytes = 44;
    private const int MostBands = 128;
    private const int MostFrames = 10000;

    private readonly byte[] _bytes;
    private readonly int _end;
    private int _position;

    /// <param name="bytes">Where the resource is; not kept.</param>
    /// <param name="start">Of its first byte.</param>
    /// <param name="length">Of the resource.</param>
    /// <exception cref="BlobException">It holds no valid tables.</exception>
    public FeatureTables(byte[] bytes, int start, int length)
    {
        _bytes = bytes;
        _position = start;
        _end = start + length;
        if (length < HeaderBytes)
        {
            throw Bad();
        }

        int kind = U16();
        SampleRate = U16();
        WindowSamples = U16();
        StepSamples = U16();
        Half = U16() / 2;
        int lastBin = U16();
        Bands = U16();
        Width = U16();
        Frames = U16();
        InputShift = U16();
        OutputShift = U16();
        FractionBits = U16();
        GainMultiplier = I32();
        GainOffset = I32();
        Silence = (short)I32();
        Multiplier = I32();
        Shift = I16();
        ZeroPoint = I16();
        HasCosine = kind != LogMel;
        bool isPowerOfTwo = Half >= 16 && Half <= 512 && (Half & (Half - 1)) == 0;
        if ((kind != 1 && kind != LogMel) || SampleRate == 0 || !isPowerOfTwo || WindowSamples < 2 || WindowSamples > 2 * Half || StepSamples < 1 || StepSamples > SampleRate
            || lastBin < 1 || lastBin >= Half || Bands < 1 || Bands > MostBands || Width < 1 || Width > Bands || (!HasCosine && Width != Bands)
            || Frames < 1 || Frames > MostFrames || InputShift > 15 || OutputShift > 30 || FractionBits > 15
            || Multiplier < 0 || Shift < 1 || Shift > 62 || ZeroPoint < -128 || ZeroPoint > 127)
        {
            throw Bad();
        }

        short[] half = Table((WindowSamples / 2) + 1);
        Window = new short[2 * Half];
        for (int n = 0; n < WindowSamples; n++)
        {
            Window[n] = half[n < half.Length ? n : WindowSamples - n];
        }

        Roots = Table(2 * Half);
        Hypotenuse = Table(257);
        Logarithm = Table(256);
        BandEnds = Table(Bands + 2);
        Rises = Table(lastBin + 1);
        Cosines = Table(HasCosine ? Width * ((Bands + 1) / 2) : 0);
        if (_position != _end)
        {
            throw Bad();
        }

        int before = 1;
        for (int i = 0; i < BandEnds.Length; i++)
        {
            if (BandEnds[i] < before || BandEnds[i] > lastBin + 1)
            {
                throw Bad();
            }

            before = BandEnds[i];
        }

        _bytes = null;
    }

    /// <summary>Samples a second.</summary>
    public int SampleRate { get; }

    /// <summary>Samples that a frame looks at.</summary>
    public int WindowSamples { get; }

    /// <summary>Samples from a frame to the next.</summary>
    public int StepSamples { get; }

    /// <summary>Frames that the network looks at.</summary>
    public int Frames { get; }

    /// <summary>Features of a frame.</summary>
    public int Width { get; }

    /// <summary>Length of the complex transform.</summary>
    internal int Half { get; }

    internal int Bands { get; }

    internal bool HasCosine { get; }

    /// <summary>From the product of sample and window to what the transform takes.</summary>
    internal int InputShift { get; }

    /// <summary>From the sum of products, or the logarithm, to a stored feature.</summary>
    internal int OutputShift { get; }

    /// <summary>Of a stored feature.</summary>
    internal int FractionBits { get; }

    /// <summary>A stored feature minus (log2 of the largest sample, Q10, times this, plus <see cref="GainOffset"/>) in Q16 is what the feature would be had the sound been divided by that sample.</summary>
    internal int GainMultiplier { get; }

    internal int GainOffset { get; }

    /// <summary>The stored feature of a frame whose samples are all 0, its gain taken into account.</summary>
    internal short Silence { get; }

    /// <summary>int8 = stored feature times this, divided by 2^<see cref="Shift"/> and rounded, + <see cref="ZeroPoint"/>.</summary>
    internal int Multiplier { get; }

    internal int Shift { get; }

    internal int ZeroPoint { get; }

    /// <summary>[2 x Half], Q15 (at most 32,767); 0 behind the window's end. Stored is its first half; the second is the mirror image.</summary>
    internal short[] Window { get; }

    /// <summary>[2 x Half]: cos, sin of 2 pi k / (2 Half) for k = 0 to Half - 1, Q15.</summary>
    internal short[] Roots { get; }

    /// <summary>[257]: sqrt(1 + r^2), Q14, for r = (i + 1/2) / 256.</summary>
    internal short[] Hypotenuse { get; }

    /// <summary>[256]: log2(1 + (i + 1/2) / 256), Q10.</summary>
    internal short[] Logarithm { get; }

    /// <summary>[bands + 2]: bins from element i to element i + 1 rise in band i and fall in band i - 1.</summary>
    internal short[] BandEnds { get; }

    /// <summary>[last bin + 1]: the share of a bin in the band that rises there, Q15.</summary>
    internal short[] Rises { get; }

    /// <summary>[width, (bands + 1) / 2]: the first half of each row of the cosine transform, times ln 2, Q12.</summary>
    internal short[] Cosines { get; }

    /// <summary>The tables that a blob carries; null where it has none, because its network takes no sound.</summary>
    /// <exception cref="BlobException">They are not valid, or do not fit the network's input.</exception>
    public static FeatureTables Of(Model model)
    {
        Resource resource = model.GetResource(Resource.Features);
        if (resource is null)
        {
            return null;
        }

        var tables = new FeatureTables(resource.Bytes, resource.Start, resource.Length);
        Tensor input = model.Inputs[0];
        return input.Type == TensorType.Int8 && input.ElementCount == tables.Frames * tables.Width ? tables : throw Bad();
    }

    private static BlobException Bad() => new BlobException(BlobError.Resource, Resource.Features);

    private short[] Table(int length)
    {
        if (length > (_end - _position) / 2)
        {
            throw Bad();
        }

        var table = new short[length];
        for (int i = 0; i < length; i++)
        {
            table[i] = (short)I16();
        }

        return table;
    }

    private int U16()
    {
        int value = _bytes[_position] | (_bytes[_position + 1] << 8);
        _position += 2;
        return value;
    }

    private int I16() => (short)U16();

    private int I32() => U16() | (U16() << 16);
}
