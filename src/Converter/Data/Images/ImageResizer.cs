namespace TinyInference.Converter.Data.Images;

/// <summary>
/// Pictures of another size: bilinear where they grow; where they shrink, the triangle of the bilinear filter is as wide as the step, so that every
/// pixel counts (an average over the area). Rows and columns are stretched each by themselves.
/// </summary>
internal static class ImageResizer
{
    public static Image Resize(Image image, int height, int width)
    {
        if (image.Height == height && image.Width == width)
        {
            return image;
        }

        Taps[] columns = Filter(image.Width, width);
        Taps[] rows = Filter(image.Height, height);
        int channels = image.Channels;
        float[] wide = new float[image.Height * width * channels];
        for (int y = 0; y < image.Height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                for (int c = 0; c < channels; c++)
                {
                    float sum = 0;
                    for (int k = 0; k < columns[x].Weights.Length; k++)
                    {
                        sum += columns[x].Weights[k] * image.Pixels[(((y * image.Width) + columns[x].First + k) * channels) + c];
                    }

                    wide[(((y * width) + x) * channels) + c] = sum;
                }
            }
        }

        byte[] pixels = new byte[height * width * channels];
        int line = width * channels;
        for (int y = 0; y < height; y++)
        {
            for (int i = 0; i < line; i++)
            {
                float sum = 0;
                for (int k = 0; k < rows[y].Weights.Length; k++)
                {
                    sum += rows[y].Weights[k] * wide[((rows[y].First + k) * line) + i];
                }

                pixels[(y * line) + i] = (byte)Math.Clamp(MathF.Round(sum), 0, 255);
            }
        }

        return new Image(height, width, channels, pixels);
    }

    private static Taps[] Filter(int from, int to)
    {
        double step = (double)from / to;
        double support = Math.Max(step, 1);
        var filter = new Taps[to];
        for (int i = 0; i < to; i++)
        {
            double centre = (i + 0.5) * step;
            int first = Math.Max(0, (int)Math.Floor(centre - support + 0.5));
            int end = Math.Min(from, (int)Math.Floor(centre + support + 0.5));
            double[] weights = [.. Enumerable.Range(first, end - first).Select(p => Math.Max(0, 1 - (Math.Abs(p + 0.5 - centre) / support)))];
            double sum = weights.Sum();
            filter[i] = new Taps(first, Array.ConvertAll(weights, w => (float)(w / sum)));
        }

        return filter;
    }

    /// <summary>Which input pixels make an output pixel, and how much each counts.</summary>
    private sealed record Taps(int First, float[] Weights);
}
