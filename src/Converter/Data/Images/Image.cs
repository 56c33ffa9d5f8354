namespace TinyInference.Converter.Data.Images;

/// <summary>A picture in memory.</summary>
/// <param name="Channels">1 (grey) or 3 (red, green, blue).</param>
/// <param name="Pixels">[height, width, channels], 0 dark to 255.</param>
internal sealed record Image(int Height, int Width, int Channels, byte[] Pixels)
{
    /// <summary>A picture with more pixels than this is refused.</summary>
    public const int MostPixels = 1 << 26;

    /// <summary>The same picture in grey (luma of ITU-R BT.601) or with three equal colours.</summary>
    public Image WithChannels(int channels)
    {
        if (channels == Channels)
        {
            return this;
        }

        byte[] pixels = new byte[Height * Width * channels];
        for (int i = 0; i < Height * Width; i++)
        {
            if (channels == 3)
            {
                pixels.AsSpan(3 * i, 3).Fill(Pixels[i]);
            }
            else
            {
                pixels[i] = (byte)(((299 * Pixels[3 * i]) + (587 * Pixels[(3 * i) + 1]) + (114 * Pixels[(3 * i) + 2]) + 500) / 1000);
            }
        }

        return new Image(Height, Width, channels, pixels);
    }

    /// <exception cref="InputException">The extents are not those of a picture that can be read.</exception>
    public static void CheckExtents(long width, long height, string name)
    {
        if (width <= 0 || height <= 0 || width > MostPixels || height > MostPixels || width * height > MostPixels)
        {
            throw new InputException($"{name}: a picture of {width} x {height} pixels; from 1 to {MostPixels:N0} can be read");
        }
    }
}
