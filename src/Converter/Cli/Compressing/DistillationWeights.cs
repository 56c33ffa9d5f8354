using System.Globalization;
using TinyInference.Converter.Compression.Distillation;

namespace TinyInference.Converter.Cli.Compressing;

/// <summary>What the user says about learning from another network, shared by the verbs that do.</summary>
internal static class DistillationWeights
{
    /// <summary>The settings, each with its default where it is null.</summary>
    /// <exception cref="InputException">One is out of its range.</exception>
    public static DistillationOptions Read(float? temperature, float? labelWeight, float? teacherWeight, float? hintWeight)
    {
        var options = new DistillationOptions();
        options = options with
        {
            Temperature = temperature ?? options.Temperature,
            LabelWeight = labelWeight ?? options.LabelWeight,
            TeacherWeight = teacherWeight ?? options.TeacherWeight,
            HintWeight = hintWeight ?? options.HintWeight,
        };
        if (options.Temperature is not (>= 0.1f and <= 1000))
        {
            throw new InputException(string.Create(CultureInfo.InvariantCulture, $"--temperature takes a number from 0.1 to 1000, not {options.Temperature}"));
        }

        return options is { LabelWeight: >= 0, TeacherWeight: >= 0, HintWeight: >= 0 } && options.LabelWeight + options.TeacherWeight > 0
            ? options
            : throw new InputException("--label-weight, --teacher-weight and --hint-weight are not below 0, and one of the first two is above");
    }
}
