using TinyInference.Converter.Data;

namespace TinyInference.Converter.Compression.Distillation;

/// <summary>Samples with labels, followed by samples without.</summary>
internal sealed class JoinedSamples : SampleStore
{
    private readonly Dataset _first;
    private readonly Dataset _second;

    private JoinedSamples(Dataset first, Dataset second)
        : base(first.Count + second.Count, first.SampleShape.ElementCount)
    {
        _first = first;
        _second = second;
    }

    /// <summary>One data set of both, in which samples without label have -1.</summary>
    /// <exception cref="InputException">Their samples are of different sizes, or their numbers mean different things.</exception>
    public static Dataset Join(Dataset labelled, Dataset unlabelled)
    {
        if (labelled.SampleShape.ElementCount != unlabelled.SampleShape.ElementCount || labelled.Kind != unlabelled.Kind)
        {
            throw new InputException(
                $"{unlabelled.Name}: a sample is {unlabelled.SampleShape} ({unlabelled.Kind}), those of {labelled.Name} are {labelled.SampleShape} ({labelled.Kind}); both must be alike");
        }

        return new Dataset(labelled.Name, new JoinedSamples(labelled, unlabelled), labelled.SampleShape, labelled.Kind)
        {
            Labels = [.. labelled.Labels!, .. Enumerable.Repeat(-1, unlabelled.Count)],
            ClassNames = labelled.ClassNames,
        };
    }

    public override void Read(int index, Span<float> destination)
    {
        if (index < _first.Count)
        {
            _first.Read(index, destination);
        }
        else
        {
            _second.Read(index - _first.Count, destination);
        }
    }
}
