namespace TinyInference.Converter.Data;

/// <summary>Whether a data set's labels are what a classifier needs.</summary>
internal static class ClassLabels
{
    /// <exception cref="InputException">There are no labels, or they are all of one class.</exception>
    public static void CheckLearnable(Dataset data)
    {
        int[] labels = data.Labels ?? throw new InputException($"{data.Name}: has no labels, which a classifier learns from; give them with --labels FILE");
        if (Array.TrueForAll(labels, l => l == labels[0]))
        {
            string name = labels.Length == 0 ? "none" : data.ClassNames is { } names && labels[0] < names.Count ? names[labels[0]] : $"{labels[0]}";
            throw new InputException($"{data.Name}: all {labels.Length:N0} samples are of one class ({name}); there is nothing to tell apart: add samples of other classes");
        }
    }

    /// <summary>Data without labels pass.</summary>
    /// <exception cref="InputException">A label is beyond the classes of the network.</exception>
    public static void CheckRange(Dataset data, int classes)
    {
        if (data.Labels is { Length: > 0 } labels && labels.Max() is var highest && highest >= classes)
        {
            throw new InputException($"{data.Name}: has labels up to {highest}, the network tells {classes} classes (0 to {classes - 1}) apart");
        }
    }
}
