using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Data.Images;

/// <summary>A data set of pictures, each a file of its own.</summary>
internal static class ImageSamples
{
    /// <summary>Files in memory at once.</summary>
    private const int BatchLength = 64;

    /// <param name="shape">Height x width x channels that every picture is brought to; null: those of the first.</param>
    /// <param name="notices">Told when pictures were brought to another size.</param>
    /// <exception cref="InputException">A picture cannot be read, or all together are too large.</exception>
    public static Dataset Read(SampleFiles.Item[] items, string name, Shape? shape, List<string> notices)
    {
        Image first = ImageFile.Read(items[0].Read(), $"{name}, {items[0].Path}");
        Shape target = shape ?? new Shape(first.Height, first.Width, first.Channels);
        int elements = target.ElementCount;
        if ((long)elements * items.Length > InputBytes.MaximumLength)
        {
            throw new InputException($"{name}: {items.Length:N0} pictures of {target} are more than {InputBytes.MaximumLength >> 20} MB; set a limit or a smaller size");
        }

        byte[] pixels = new byte[elements * items.Length];
        int resized = 0;
        for (int start = 0; start < items.Length; start += BatchLength)
        {
            byte[][] batch = [.. items.Skip(start).Take(BatchLength).Select(item => item.Read())];
            var failures = new InputException?[batch.Length];
            Parallel.For(0, batch.Length, i =>
            {
                try
                {
                    Image image = ImageFile.Read(batch[i], $"{name}, {items[start + i].Path}");
                    Interlocked.Add(ref resized, image.Height == target[0] && image.Width == target[1] ? 0 : 1);
                    ImageResizer.Resize(image.WithChannels(target[2]), target[0], target[1]).Pixels.CopyTo(pixels, (start + i) * elements);
                }
                catch (InputException e)
                {
                    failures[i] = e;
                }
            });
            if (Array.Find(failures, failure => failure is not null) is { } failed)
            {
                throw failed;
            }
        }

        if (resized > 0)
        {
            notices.Add($"{name}: {resized:N0} of {items.Length:N0} pictures were brought to {target[0]} x {target[1]} pixels");
        }

        return new Dataset(name, new ByteSamples(pixels, 0, elements, items.Length, elements, signed: false), target, DataKind.Pixels);
    }

    /// <summary>Height x width x channels of a network's input, with batch, channels first or last; null where it takes no pictures.</summary>
    public static Shape? ShapeOf(Shape input) => input.Rank != 4 ? null
        : input[3] is 1 or 3 ? new Shape(input[1], input[2], input[3])
        : input[1] is 1 or 3 ? new Shape(input[2], input[3], input[1])
        : null;
}
