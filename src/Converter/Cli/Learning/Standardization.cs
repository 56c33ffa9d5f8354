using System.Globalization;
using TinyInference.Converter.Data;
using TinyInference.Converter.Features;
using TinyInference.Converter.Numerics;

namespace TinyInference.Converter.Cli.Learning;

/// <summary>Scales and offsets that give numbers mean 0 and deviation 1, as networks learn best.</summary>
internal static class Standardization
{
    /// <summary>More columns than this would not fit the blob's metadata with two numbers each.</summary>
    private const int MostColumns = 2048;

    /// <summary>Part of a column's values at each end that mean and deviation leave out: a few extreme ones would make all others equal.</summary>
    private const double Trimmed = 0.01;

    /// <summary>Deviations, beyond which a column's values are as good as equal: the resolution of int8 is for those that differ.</summary>
    private const float Limit = 4;

    /// <summary>A column whose deviation is a smaller part than 1 / this of the deviation of all numbers together is scaled for itself, as are then the others.</summary>
    private const float Unlike = 10;

    /// <summary>
    /// Columns of a table are scaled each for itself where one of them would hardly vary beside the others. Where they are alike, as sensors of one kind are, what they have in
    /// common says something, and they keep it.
    /// </summary>
    /// <param name="features">What sound has become; goes into the result.</param>
    public static InputPreparation Of(Dataset data, FeatureSettings? features)
    {
        InputPreparation common = OfAll(data, features);
        if (data is not { Kind: DataKind.Real, FeatureNames: { Count: <= MostColumns } names, SampleShape.Rank: 1 })
        {
            return common;
        }

        ColumnScales columns = OfColumns(data, common.Scale);
        bool areAlike = !names.Any(IsWord) && Array.TrueForAll(columns.Scale, scale => scale <= common.Scale * Unlike);
        return areAlike ? common : new InputPreparation { Columns = columns, Limit = Limit };
    }

    /// <summary>Those that say 1 for a word and 0 for others stay as they are.</summary>
    /// <param name="otherwise">The scale of columns that never change.</param>
    private static ColumnScales OfColumns(Dataset data, float otherwise)
    {
        int columns = data.SampleShape.ElementCount;
        var values = new float[columns][];
        for (int c = 0; c < columns; c++)
        {
            values[c] = new float[data.Count];
        }

        var sample = new float[columns];
        for (int i = 0; i < data.Count; i++)
        {
            data.Read(i, sample);
            for (int c = 0; c < columns; c++)
            {
                values[c][i] = sample[c];
            }
        }

        var scale = new float[columns];
        var offset = new float[columns];
        for (int c = 0; c < columns; c++)
        {
            (scale[c], offset[c]) = IsWord(data.FeatureNames![c]) ? (1, 0) : OfColumn(values[c], otherwise);
        }

        return new ColumnScales(scale, offset);
    }

    private static bool IsWord(string column) => column.Contains('=');

    /// <summary>All numbers together.</summary>
    private static InputPreparation OfAll(Dataset data, FeatureSettings? features)
    {
        double sum = 0;
        double squares = 0;
        float[] sample = new float[data.SampleShape.ElementCount];
        for (int i = 0; i < data.Count; i++)
        {
            data.Read(i, sample);
            foreach (float x in sample)
            {
                sum += x;
                squares += (double)x * x;
            }
        }

        double count = (double)data.Count * sample.Length;
        double mean = sum / count;
        double deviation = Math.Sqrt(Math.Max((squares / count) - (mean * mean), 0));
        return deviation > 1e-12 ? new InputPreparation(features, (float)(1 / deviation), (float)(-mean / deviation)) : new InputPreparation(features);
    }

    private static (float Scale, float Offset) OfColumn(float[] values, float otherwise)
    {
        Array.Sort(values);
        int trimmed = (int)(values.Length * Trimmed);
        (double mean, double deviation) = MeanAndDeviation(values.AsSpan(trimmed, values.Length - (2 * trimmed)));
        if (deviation <= 1e-6 * (1 + Math.Abs(mean)))
        {
            (mean, deviation) = MeanAndDeviation(values);
        }

        if (deviation <= 1e-6 * (1 + Math.Abs(mean)))
        {
            return (otherwise, Short(-mean * otherwise));
        }

        float scale = Short(1 / deviation);
        return (scale, Short(-mean * scale));
    }

    private static (double Mean, double Deviation) MeanAndDeviation(ReadOnlySpan<float> values)
    {
        (double mean, double variance) = Moments.Of(values);
        return (mean, Math.Sqrt(variance));
    }

    /// <summary>Four digits are enough, and metadata are short with them.</summary>
    private static float Short(double x) => float.Parse(x.ToString("G4", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
