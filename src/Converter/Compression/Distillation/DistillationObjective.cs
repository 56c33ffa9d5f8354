using System.Collections.Concurrent;
using TinyInference.Converter.Features;
using TinyInference.Converter.Training;

namespace TinyInference.Converter.Compression.Distillation;

/// <summary>How a student learns.</summary>
internal sealed record DistillationOptions
{
    /// <summary>Of both softmaxes; the higher, the more the teacher's small probabilities count.</summary>
    public float Temperature { get; init; } = 4;

    /// <summary>Of the cross entropy with the labels.</summary>
    public float LabelWeight { get; init; } = 0.1f;

    /// <summary>Of the cross entropy with the teacher, times T^2.</summary>
    public float TeacherWeight { get; init; } = 1;

    /// <summary>Of each hint; beside T^2 times a cross entropy, 1 is not heard.</summary>
    public float HintWeight { get; init; } = 5;
}

/// <summary>
/// Cross entropy with the labels plus T^2 times the cross entropy of both softmaxes at temperature T (G. Hinton et al.,
/// arXiv 1503.02531, section 2: so the weights mean the same at any temperature), plus hints. The teacher sees just what the
/// student sees, so that augmented samples have answers too.
/// </summary>
internal sealed class DistillationObjective : Objective
{
    private readonly int[] _labels;
    private readonly TrainableNetwork _teacher;
    private readonly IReadOnlyList<Hint> _hints;
    private readonly DistillationOptions _options;
    private readonly InputPreparation? _own;
    private readonly InputPreparation? _teachers;
    private readonly ConcurrentDictionary<Shard, Shard> _teacherShards = [];
    private readonly ConcurrentBag<Shard> _free;

    /// <param name="labels">Of the training samples; -1 for those that only the teacher judges.</param>
    /// <param name="teacher">With as many shards, as large, as the student.</param>
    /// <param name="own">How data become the student's input.</param>
    /// <param name="teachers">How they become the teacher's; null where it takes what the student takes.</param>
    public DistillationObjective(int[] labels, TrainableNetwork teacher, IReadOnlyList<Hint> hints, DistillationOptions options, InputPreparation? own = null, InputPreparation? teachers = null)
    {
        _labels = labels;
        _teacher = teacher;
        _hints = hints;
        _options = options;
        _own = own;
        _teachers = teachers;
        _free = [.. teacher.Shards];
    }

    public override double Apply(TrainableNetwork network, Shard shard, ReadOnlySpan<DrawnSample> samples, float weight)
    {
        Shard teacher = Ask(network, shard);
        Span<float> logits = shard.Activation(network.Output);
        Span<float> answers = teacher.Activation(_teacher.Output);
        Span<float> gradient = shard.Gradient(network.Output);
        int classes = network.Output.Shape.ElementCount;
        double loss = 0;
        for (int i = 0; i < samples.Length; i++)
        {
            ReadOnlySpan<float> given = logits.Slice(i * classes, classes);
            Span<float> slot = gradient.Slice(i * classes, classes);
            loss += SoftCrossEntropy(given, answers.Slice(i * classes, classes), _options.Temperature, weight * _options.TeacherWeight, slot);
            loss += Losses.MixedCrossEntropy(given, samples[i], _labels, weight * _options.LabelWeight, null, slot);
        }

        return loss + _hints.Sum(h => h.Apply(teacher, shard, weight * _options.HintWeight));
    }

    /// <summary>
    /// T^2 times -sum p log q for p = softmax(answer / T), q = softmax(logits / T); its derivative by the logits is T (q - p).
    /// </summary>
    /// <returns>The loss, times <paramref name="weight"/>.</returns>
    public static float SoftCrossEntropy(ReadOnlySpan<float> logits, ReadOnlySpan<float> answer, float temperature, float weight, Span<float> gradient)
    {
        Span<float> q = stackalloc float[logits.Length];
        Span<float> p = stackalloc float[logits.Length];
        Losses.SoftMax(logits, temperature, q);
        Losses.SoftMax(answer, temperature, p);
        float loss = 0;
        for (int i = 0; i < q.Length; i++)
        {
            loss -= p[i] * MathF.Log(Math.Max(q[i], 1e-30f));
            gradient[i] += weight * temperature * (q[i] - p[i]);
        }

        return weight * temperature * temperature * loss;
    }

    /// <summary>Runs the teacher on what the student has just seen.</summary>
    private Shard Ask(TrainableNetwork student, Shard shard)
    {
        Shard teacher = _teacherShards.GetOrAdd(shard, _ => _free.TryTake(out Shard? free) ? free : throw new InvalidOperationException("the teacher has fewer shards than the student"));
        teacher.Samples = shard.Samples;
        teacher.IsTraining = false;
        Span<float> input = teacher.Activation(_teacher.Input);
        shard.Activation(student.Input).CopyTo(input);
        if (_own is not null && _teachers is not null && _own != _teachers)
        {
            _own.Undo(input);
            _teachers.Apply(input);
        }

        _teacher.Forward(teacher);
        return teacher;
    }
}
