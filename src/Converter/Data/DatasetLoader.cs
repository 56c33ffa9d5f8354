using System.IO.Compression;
using TinyInference.Converter.Features;

namespace TinyInference.Converter.Data;

/// <summary>Reads a data set, recognised by its contents first and its name second; see <see cref="Load"/>.</summary>
internal static class DatasetLoader
{
    /// <summary>
    /// Reads IDX, NPY, NPZ, CSV or TSV, CIFAR-10's binary version, WAV, int8 samples without a header, or a folder or zip of WAV, .bin, .npy
    /// or pictures (PNG, BMP, PPM, PGM). Any but the last two may be packed with gzip.
    /// </summary>
    /// <param name="path">A file or a folder.</param>
    /// <param name="options">What else is known.</param>
    /// <exception cref="InputException">
    /// The data cannot be read, are empty or damaged, have numbers that are not finite, do not fit the model, or the labels do not fit the samples.
    /// </exception>
    public static Dataset Load(string path, DatasetOptions options)
    {
        if (options.Limit is <= 0 || options.ExpectedElements is <= 0)
        {
            throw new InputException($"{path}: the limit and the model's input must be 1 or more");
        }

        Dataset dataset = Read(path, options);
        dataset = WithLabels(dataset, path, options);
        CheckSize(dataset, options);
        if (dataset.Count == 0)
        {
            throw new InputException($"{path}: the data set is empty");
        }

        if (dataset.Labels is { } labels)
        {
            LabelEncoder.Check(labels, options.ClassNames?.Count ?? dataset.ClassNames?.Count, path);
        }

        dataset = dataset.Take(options.Limit ?? int.MaxValue);
        CheckFinite(dataset);
        return dataset;
    }

    private static Dataset Read(string path, DatasetOptions options)
    {
        if (Directory.Exists(path))
        {
            using SampleFiles files = SampleFiles.FromFolder(path);
            return SampleFilesReader.Read(files, path, options);
        }

        if (!File.Exists(path))
        {
            throw new InputException($"{path}: there is no such file or folder");
        }

        byte[] bytes = InputBytes.ReadFile(path);
        string name = Path.GetFileName(path);
        string plainName = name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? name[..^3] : name;
        if (bytes.Length == 0)
        {
            throw new InputException($"{path}: the file is empty");
        }

        if (bytes.AsSpan().StartsWith("PK\u0003\u0004"u8) || bytes.AsSpan().StartsWith("PK\u0005\u0006"u8))
        {
            return ReadZip(bytes, path, options);
        }

        if (NumpyArray.Matches(bytes))
        {
            return NumpyReader.ReadNpy(bytes, path, options.ExpectedElements);
        }

        if (WavFile.Matches(bytes))
        {
            return SampleFilesReader.ReadSingleSound(bytes, path, options);
        }

        if (IdxReader.Matches(bytes, plainName))
        {
            return IdxReader.Read(bytes, path);
        }

        bool isRaw = Path.GetExtension(plainName).ToUpperInvariant() is ".BIN" or ".RAW" or ".DAT";
        bool isText = !isRaw && LabelsFile.IsText(bytes);
        if (isText)
        {
            return CsvReader.Read(bytes, path, options);
        }

        // With labels of its own the file is no CIFAR; nor when the model takes something else.
        if (options.LabelsPath is null && options.ExpectedElements is null or 3072 && CifarReader.Matches(bytes))
        {
            return CifarReader.Read(bytes, path);
        }

        return options.ExpectedElements is { } elements
            ? RawReader.Read(bytes, elements, options.RawType, path)
            : throw new InputException(
                $"{path}: is not recognised as IDX, NPY, NPZ, CSV, CIFAR, WAV or zip; samples without a header need a model that tells their size");
    }

    private static Dataset ReadZip(byte[] bytes, string path, DatasetOptions options)
    {
        ZipArchive archive = InputBytes.OpenZip(bytes, path);
        using SampleFiles files = SampleFiles.FromZip(archive, path);
        bool isNpz = Path.GetExtension(path).Equals(".npz", StringComparison.OrdinalIgnoreCase)
            || (files.Items.Count is > 0 and <= 8 && files.Items.All(item => item.Path.EndsWith(".npy", StringComparison.OrdinalIgnoreCase) && !item.Path.Contains('/')));
        return isNpz && files.Items.Count > 0 ? NumpyReader.ReadNpz(archive, path, options) : SampleFilesReader.Read(files, path, options);
    }

    /// <summary>Labels from a file of their own, for formats where one file holds all samples.</summary>
    private static Dataset WithLabels(Dataset dataset, string path, DatasetOptions options)
    {
        if (dataset.Labels is not null)
        {
            return dataset;
        }

        string? labelsPath = options.LabelsPath ?? (Directory.Exists(path) ? null : IdxReader.FindLabels(path));
        if (labelsPath is null)
        {
            return dataset;
        }

        LabelsFile file = LabelsFile.Read(InputBytes.ReadFile(labelsPath), labelsPath);
        if (file.Labels.Count != dataset.Count)
        {
            throw new InputException($"{path}: has {dataset.Count} samples, but {labelsPath} has {file.Labels.Count} labels; they must be equal");
        }

        (int[] labels, IReadOnlyList<string>? names) = LabelEncoder.Encode(file.Labels, options.ClassNames, labelsPath);
        if (file.Classes is { } classes && names is null)
        {
            LabelEncoder.Check(labels, classes, labelsPath);
        }

        return dataset with { Labels = labels, ClassNames = names };
    }

    private static void CheckSize(Dataset dataset, DatasetOptions options)
    {
        if (options.ExpectedElements is { } expected && dataset.SampleShape.ElementCount != expected)
        {
            throw new InputException(
                $"{dataset.Name}: a sample has {dataset.SampleShape.ElementCount} numbers ({dataset.SampleShape}), but the model takes {expected}; give data of this model");
        }
    }

    private static void CheckFinite(Dataset dataset)
    {
        if (dataset.Kind is not (DataKind.Real or DataKind.Features))
        {
            return;
        }

        var sample = new float[dataset.SampleShape.ElementCount];
        for (int i = 0; i < dataset.Count; i++)
        {
            dataset.Read(i, sample);
            int bad = Array.FindIndex(sample, value => !float.IsFinite(value));
            if (bad >= 0)
            {
                throw new InputException($"{dataset.Name}: sample {i} has {sample[bad]} at {bad}; replace or remove what is not a finite number");
            }
        }

        if (dataset.Targets is { } targets && Array.FindIndex(targets, value => !float.IsFinite(value)) is var index and >= 0)
        {
            throw new InputException($"{dataset.Name}: the number to predict of sample {index} is {targets[index]}; replace or remove it");
        }
    }
}
