using System.IO.Compression;
using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Data;

/// <summary>Data sets from NPY (samples along the first dimension) and NPZ (a zip of NPY: samples and labels).</summary>
internal static class NumpyReader
{
    private static readonly string[] s_labelNames = ["labels", "label", "y", "targets", "target"];

    /// <param name="bytes">An NPY file.</param>
    /// <param name="name">For messages.</param>
    /// <param name="expectedElements">Numbers in one sample; an array of exactly as many is one sample.</param>
    /// <exception cref="InputException">The file is damaged, empty or not of numbers.</exception>
    public static Dataset ReadNpy(byte[] bytes, string name, int? expectedElements)
    {
        NumpyArray array = NumpyArray.Read(bytes, name);
        return Samples(array, name, IsSingle(array, expectedElements));
    }

    /// <summary>An NPY file that is one sample as a whole.</summary>
    /// <exception cref="InputException">The file is damaged, empty or not of numbers.</exception>
    public static Dataset ReadSample(byte[] bytes, string name) => Samples(NumpyArray.Read(bytes, name), name, single: true);

    /// <summary>
    /// The array with most elements is the samples. Its labels are the array of as many entries that is called labels, label, y,
    /// y_..., target or targets, else the only other one of one dimension; one-hot rows count as labels.
    /// </summary>
    /// <exception cref="InputException">The file is damaged, or no array fits.</exception>
    public static Dataset ReadNpz(ZipArchive archive, string name, DatasetOptions options)
    {
        var arrays = new List<(string Name, NumpyArray Array)>();
        long total = 0;
        foreach (ZipArchiveEntry entry in archive.Entries.Where(e => e.FullName.EndsWith(".npy", StringComparison.OrdinalIgnoreCase)))
        {
            total += entry.Length;
            if (total > InputBytes.MaximumLength)
            {
                throw new InputException($"{name}: has more than {InputBytes.MaximumLength >> 20} MB unpacked; give a smaller part of the data");
            }

            arrays.Add((entry.FullName[..^4], NumpyArray.Read(InputBytes.ReadEntry(entry, name), $"{name}, {entry.FullName}")));
        }

        (string dataName, NumpyArray data) = arrays.MaxBy(a => a.Array.Elements);
        Dataset samples = Samples(data, $"{name}, {dataName}", IsSingle(data, options.ExpectedElements)) with { Name = name };
        if (options.LabelsPath is not null)
        {
            return samples;
        }

        List<(string Name, NumpyArray Array)> others = [.. arrays.Where(a => a.Array != data)];
        List<(string Name, NumpyArray Array)> named = [.. others.Where(a => IsLabelName(a.Name))];
        List<(string Name, NumpyArray Array)> fitting = [.. named.Where(a => Rows(a.Array) == samples.Count)];
        if (fitting.Count == 0 && named.Count > 0)
        {
            throw new InputException($"{name}: {dataName} has {samples.Count} samples, but {named[0].Name} has {Rows(named[0].Array)}; they must be equal");
        }

        if (fitting.Count == 0)
        {
            fitting = [.. others.Where(a => a.Array.Dimensions.Length == 1 && Rows(a.Array) == samples.Count)];
        }

        return fitting.Count == 0 ? samples : WithLabels(samples, fitting[0].Array, $"{name}, {fitting[0].Name}", options);
    }

    /// <summary>Class indices from an array: integers, or one-hot rows.</summary>
    /// <exception cref="InputException">The array is neither.</exception>
    public static int[] Labels(NumpyArray array, string name)
    {
        float[] values = array.ToFloat();
        int width = values.Length / Rows(array);
        if (width > 1)
        {
            return OneHot(values, width, name);
        }

        return [.. values.Select((value, i) => value == MathF.Floor(value) && MathF.Abs(value) < 1e9f
            ? (int)value
            : throw new InputException($"{name}: {value} at {i} is no class (not an integer); name other labels, or ask for regression"))];
    }

    private static Dataset WithLabels(Dataset samples, NumpyArray array, string name, DatasetOptions options)
    {
        if (!options.Regression)
        {
            return samples with { Labels = Labels(array, name), ClassNames = options.ClassNames };
        }

        float[] targets = array.ToFloat();
        return targets.Length == samples.Count
            ? samples with { Targets = targets }
            : throw new InputException($"{name}: has {targets.Length} numbers for {samples.Count} samples; regression takes one for each");
    }

    /// <summary>The whole array is one sample: it has just the elements of one and no dimension that counts samples.</summary>
    private static bool IsSingle(NumpyArray array, int? expectedElements) => array.Dimensions.Length == 0
        || (expectedElements == array.Elements && array.Dimensions[0] != 1);

    private static Dataset Samples(NumpyArray array, string name, bool single)
    {
        int[] dimensions = array.Dimensions;
        int count = single ? 1 : dimensions[0];
        Shape shape = (single ? dimensions : dimensions[1..]) switch
        {
            [] => new Shape(1),
            var sample => new Shape(sample),
        };
        if (array.IsBytes)
        {
            (byte[] bytes, int offset) = array.Bytes();
            DataKind kind = array.IsInt8 ? DataKind.RawInt8 : array.IsUInt8 && shape.Rank >= 2 ? DataKind.Pixels : DataKind.Real;
            return new Dataset(name, new ByteSamples(bytes, offset, shape.ElementCount, count, shape.ElementCount, array.IsInt8), shape, kind);
        }

        return new Dataset(name, new FloatSamples(array.ToFloat(), shape.ElementCount), shape, DataKind.Real);
    }

    private static int[] OneHot(float[] values, int width, string name)
    {
        var labels = new int[values.Length / width];
        for (int i = 0; i < labels.Length; i++)
        {
            ReadOnlySpan<float> row = values.AsSpan(i * width, width);
            labels[i] = row.IndexOf(1f);
            if (labels[i] < 0 || row.Count(0f) != width - 1)
            {
                throw new InputException($"{name}: row {i} is neither a class nor one-hot (a single 1 among zeros); name other labels");
            }
        }

        return labels;
    }

    private static bool IsLabelName(string name) =>
        s_labelNames.Contains(name, StringComparer.OrdinalIgnoreCase) || name.StartsWith("y_", StringComparison.OrdinalIgnoreCase);

    private static int Rows(NumpyArray array) => array.Dimensions.Length == 0 ? 1 : array.Dimensions[0];
}
