using TinyInference.Converter.Data.Images;
using TinyInference.Converter.Features;
using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Data;

/// <summary>Data sets whose samples are files of their own: WAV, .bin, .npy or pictures in a folder or a zip file.</summary>
internal static class SampleFilesReader
{
    /// <summary>Files that are unpacked before their features are computed: bounds what is in memory at once.</summary>
    private const int BatchLength = 64;

    /// <summary>Stands for the extensions of all pictures.</summary>
    private const string ImageExtension = ".png";

    private static readonly string[] s_extensions = [".wav", ".bin", ".npy", ImageExtension];
    private static readonly string[] s_labelFiles = ["y_labels.csv", "labels.csv", "labels.txt", "labels.tsv"];

    /// <exception cref="InputException">There are no samples, they differ in length, or labels do not fit.</exception>
    public static Dataset Read(SampleFiles files, string name, DatasetOptions options)
    {
        string? extension = s_extensions.MaxBy(e => files.Items.Count(item => HasExtension(item, e)));
        SampleFiles.Item[] samples = [.. files.Items.Where(item => HasExtension(item, extension!) && !item.Path.StartsWith('_') && !item.Path.Contains("/_"))];
        if (samples.Length == 0)
        {
            throw new InputException($"{name}: holds no samples (files .wav, .bin, .npy, .png, .bmp, .ppm or .pgm, in a folder for each class)");
        }

        FileLabels classes = FileLabels.Find([.. samples.Select(item => item.Path)], ReadLabels(files, options), options.ClassNames, name);
        int[] chosen = Choose(samples.Length, classes.SortedByClass, options.Limit);
        samples = Array.ConvertAll(chosen, i => samples[i]);
        var notices = new List<string>();
        Dataset dataset = extension switch
        {
            ".wav" => ReadSound(samples, name, options, notices),
            ".bin" => ReadRaw(samples, name, options),
            ImageExtension => ImageSamples.Read(samples, name, options.ImageShape, notices),
            _ => ReadArrays(samples, name),
        };
        return dataset with
        {
            Labels = classes.Labels is null ? null : Array.ConvertAll(chosen, i => classes.Labels[i]),
            ClassNames = classes.ClassNames,
            Notices = notices,
        };
    }

    /// <summary>One WAV file is a data set of one sample.</summary>
    public static Dataset ReadSingleSound(byte[] bytes, string name, DatasetOptions options)
    {
        var notices = new List<string>();
        Dataset dataset = ReadSound([new SampleFiles.Item(Path.GetFileName(name), () => bytes)], Path.GetDirectoryName(name) ?? "", options, notices);
        return dataset with { Name = name, Notices = notices };
    }

    private static int[] Choose(int count, bool evenly, int? limit)
    {
        int chosen = Math.Min(count, limit ?? count);
        return [.. Enumerable.Range(0, chosen).Select(i => evenly ? (int)((long)i * count / chosen) : i)];
    }

    private static LabelsFile? ReadLabels(SampleFiles files, DatasetOptions options)
    {
        if (options.LabelsPath is { } path)
        {
            return LabelsFile.Read(InputBytes.ReadFile(path), path);
        }

        SampleFiles.Item? item = files.Items.FirstOrDefault(i => s_labelFiles.Contains(Path.GetFileName(i.Path), StringComparer.OrdinalIgnoreCase));
        return item is null ? null : LabelsFile.Read(item.Read(), item.Path);
    }

    private static Dataset ReadSound(SampleFiles.Item[] items, string name, DatasetOptions options, List<string> notices)
    {
        var summary = new SoundSummary();
        if (options.Features is { } settings)
        {
            settings.Validate();
            settings = FitFrames(settings, options.ExpectedElements);
            var extractor = new FeatureExtractor(settings);
            int elements = settings.Frames * settings.Width;
            var features = new float[items.Length * elements];
            ForEachClip(items, name, summary, (index, wav) =>
            {
                if (wav.SampleRate != settings.SampleRate)
                {
                    throw new InputException(
                        $"{name}, {items[index].Path}: has {wav.SampleRate} samples a second, but the features are for {settings.SampleRate}; resample it, or set the rate");
                }

                extractor.Extract(wav.Samples, features.AsSpan(index * elements, elements));
                return wav.Samples.Length >= settings.ClipSamples + settings.StepSamples;
            });
            summary.Report(name, notices);
            return new Dataset(name, new FloatSamples(features, elements), new Shape(settings.Frames, settings.Width), DataKind.Features);
        }

        var clips = new short[items.Length][];
        ForEachClip(items, name, summary, (index, wav) =>
        {
            bool cut = wav.Samples.Length > options.ExpectedElements;
            clips[index] = cut ? wav.Samples[..options.ExpectedElements!.Value] : wav.Samples;
            return cut;
        });
        int length = options.ExpectedElements ?? clips.Max(clip => clip.Length);
        summary.Report(name, notices);
        return new Dataset(name, new SoundSamples(clips, length), new Shape(length), DataKind.Sound);
    }

    /// <summary>A model tells by the size of its input how many frames it takes.</summary>
    private static FeatureSettings FitFrames(FeatureSettings settings, int? expectedElements) =>
        expectedElements is { } elements && elements % settings.Width == 0 ? settings with { Frames = elements / settings.Width } : settings;

    /// <summary>Reads one after the other, computes together. <paramref name="use"/> says whether it cut the clip.</summary>
    private static void ForEachClip(SampleFiles.Item[] items, string name, SoundSummary summary, Func<int, WavFile, bool> use)
    {
        for (int start = 0; start < items.Length; start += BatchLength)
        {
            byte[][] batch = [.. items.Skip(start).Take(BatchLength).Select(item => item.Read())];
            var failures = new InputException?[batch.Length];
            Parallel.For(0, batch.Length, i =>
            {
                try
                {
                    WavFile wav = WavFile.Read(batch[i], $"{name}, {items[start + i].Path}");
                    summary.Add(wav, use(start + i, wav));
                }
                catch (InputException e)
                {
                    failures[i] = e;
                }
            });
            if (Array.Find(failures, failure => failure is not null) is { } first)
            {
                throw first;
            }
        }
    }

    private static Dataset ReadRaw(SampleFiles.Item[] items, string name, DatasetOptions options)
    {
        int elementSize = options.RawType == RawType.Float32 ? sizeof(float) : 1;
        byte[] all = [];
        int length = 0;
        for (int i = 0; i < items.Length; i++)
        {
            byte[] bytes = items[i].Read();
            if (i == 0)
            {
                length = (int)Math.Min((options.ExpectedElements ?? Math.Max(1, bytes.Length / elementSize)) * (long)elementSize, int.MaxValue);
                CheckLength(bytes, length, items[i], name);
                CheckTotal(items, length, name);
                all = new byte[length * items.Length];
            }

            CheckLength(bytes, length, items[i], name);
            bytes.CopyTo(all, i * length);
        }

        return RawReader.Read(all, length / elementSize, options.RawType, name);
    }

    private static Dataset ReadArrays(SampleFiles.Item[] items, string name)
    {
        Dataset? first = null;
        float[] values = [];
        for (int i = 0; i < items.Length; i++)
        {
            Dataset sample = NumpyReader.ReadSample(items[i].Read(), $"{name}, {items[i].Path}");
            if (first is null)
            {
                first = sample;
                CheckTotal(items, (long)sizeof(float) * sample.SampleShape.ElementCount, name);
                values = new float[items.Length * sample.SampleShape.ElementCount];
            }

            if (!sample.SampleShape.Equals(first.SampleShape) || sample.Kind != first.Kind)
            {
                throw new InputException(
                    $"{name}, {items[i].Path}: is {sample.SampleShape} ({sample.Kind}), but {items[0].Path} is {first.SampleShape} ({first.Kind}); samples must be alike");
            }

            int elements = sample.SampleShape.ElementCount;
            sample.Read(0, values.AsSpan(i * elements, elements));
        }

        return new Dataset(name, new FloatSamples(values, first!.SampleShape.ElementCount), first.SampleShape, first.Kind);
    }

    private static void CheckLength(byte[] bytes, int length, SampleFiles.Item item, string name)
    {
        if (bytes.Length != length)
        {
            throw new InputException($"{name}, {item.Path}: has {bytes.Length} bytes where a sample has {length}; give data of this model, or the right raw type");
        }
    }

    private static void CheckTotal(SampleFiles.Item[] items, long length, string name)
    {
        if (length * items.Length > InputBytes.MaximumLength)
        {
            throw new InputException($"{name}: {items.Length} samples of {length} bytes are more than {InputBytes.MaximumLength >> 20} MB; set a limit");
        }
    }

    private static bool HasExtension(SampleFiles.Item item, string extension) => extension == ImageExtension
        ? ImageFile.Extensions.Any(e => item.Path.EndsWith(e, StringComparison.OrdinalIgnoreCase))
        : item.Path.EndsWith(extension, StringComparison.OrdinalIgnoreCase);

    /// <summary>Counts over all clips what people should know. Threads may add together.</summary>
    private sealed class SoundSummary
    {
        private int _clips;
        private int _channels;
        private int _truncated;
        private int _cut;

        public void Add(WavFile wav, bool cut)
        {
            Interlocked.Increment(ref _clips);
            Interlocked.Add(ref _channels, wav.Channels > 1 ? 1 : 0);
            Interlocked.Add(ref _truncated, wav.Truncated ? 1 : 0);
            Interlocked.Add(ref _cut, cut ? 1 : 0);
        }

        public void Report(string name, List<string> notices)
        {
            Report(_channels, "have several channels; the first is used");
            Report(_truncated, "end before their data chunk does; what is there is used");
            Report(_cut, "are longer than a sample; the beginning is used");

            void Report(int count, string what)
            {
                if (count > 0)
                {
                    notices.Add($"{name}: {count} of {_clips} WAV files {what}");
                }
            }
        }
    }
}
