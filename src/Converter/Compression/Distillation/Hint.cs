using System.Numerics.Tensors;
using TinyInference.Converter.Emission;
using TinyInference.Converter.Training;

namespace TinyInference.Converter.Compression.Distillation;

using TinyInference.Converter.Graphs;

/// <summary>
/// An inner activation of the teacher that one of the student's is to resemble. Where both have the same shape: mean squared error
/// (FitNets, arXiv 1412.6550, without a regressor). Where only the channels differ: the distance of the attention maps, each the sum
/// of squares over the channels, of length 1 (arXiv 1612.03928, equation 2).
/// </summary>
internal sealed class Hint
{
    private readonly Value _teacher;
    private readonly Value _student;
    private readonly bool _sameShape;

    /// <param name="teacherName">Of a value in <paramref name="teacher"/>.</param>
    /// <param name="studentName">Of a value in <paramref name="student"/>.</param>
    /// <exception cref="InputException">There is no such value, or their shapes can't be compared.</exception>
    public Hint(Graph teacher, string teacherName, Graph student, string studentName)
    {
        _teacher = Find(teacher, teacherName, "teacher");
        _student = Find(student, studentName, "student");
        Shape a = _teacher.Shape;
        Shape b = _student.Shape;
        _sameShape = a.Equals(b);
        if (!_sameShape && (a.Rank != 4 || b.Rank != 4 || a[1] != b[1] || a[2] != b[2]))
        {
            throw new InputException($"hint {teacherName}={studentName}: the teacher's is {a}, the student's {b}; height and width, or the whole shape, must be equal");
        }
    }

    /// <summary>Adds the derivative to the student's gradient of the value.</summary>
    /// <param name="weight">Of one sample.</param>
    /// <returns>The loss, times <paramref name="weight"/>.</returns>
    public double Apply(Shard teacher, Shard student, float weight)
    {
        int teacherSize = _teacher.Shape.ElementCount;
        int studentSize = _student.Shape.ElementCount;
        double loss = 0;
        for (int n = 0; n < student.Samples; n++)
        {
            ReadOnlySpan<float> target = teacher.Activation(_teacher).Slice(n * teacherSize, teacherSize);
            ReadOnlySpan<float> given = student.Activation(_student).Slice(n * studentSize, studentSize);
            Span<float> gradient = student.Gradient(_student).Slice(n * studentSize, studentSize);
            loss += _sameShape ? Losses.MeanSquaredError(given, target, weight, gradient) : Attention(given, target, weight, gradient);
        }

        return loss;
    }

    private double Attention(ReadOnlySpan<float> given, ReadOnlySpan<float> target, float weight, Span<float> gradient)
    {
        int channels = _student.Shape[3];
        float[] a = Map(given, channels, out float length);
        float[] difference = Map(target, _teacher.Shape[3], out _);
        TensorPrimitives.Subtract(a, difference, difference);

        // With q = Q / |Q| and d = q - t: dL/dQ = 2 (d - q (q d)) / |Q|, and dQ/dx = 2 x.
        float along = TensorPrimitives.Dot<float>(a, difference);
        for (int p = 0; p < a.Length; p++)
        {
            float factor = 4 * weight / length * (difference[p] - (a[p] * along));
            Span<float> target1 = gradient.Slice(p * channels, channels);
            TensorPrimitives.MultiplyAdd(given.Slice(p * channels, channels), factor, target1, target1);
        }

        return weight * TensorPrimitives.SumOfSquares<float>(difference);
    }

    /// <summary>The sum of squares over the channels at each place, of length 1.</summary>
    private static float[] Map(ReadOnlySpan<float> x, int channels, out float length)
    {
        var map = new float[x.Length / channels];
        for (int p = 0; p < map.Length; p++)
        {
            map[p] = TensorPrimitives.SumOfSquares(x.Slice(p * channels, channels));
        }

        length = Math.Max(TensorPrimitives.Norm<float>(map), 1e-12f);
        TensorPrimitives.Divide(map, length, map);
        return map;
    }

    /// <summary>The inner tensor that people call so.</summary>
    /// <param name="whose">For messages.</param>
    /// <exception cref="InputException">There is none.</exception>
    public static Value Find(Graph graph, string name, string whose)
    {
        // Not the output: the cross entropy with the teacher is about that.
        Value[] values = [.. graph.Nodes.SelectMany(n => n.Outputs).Except(graph.Outputs)];
        return Array.Find(values, v => v.Name == name) ?? FindShown(graph, values, name)
            ?? throw new InputException($"the {whose} has no tensor '{name}' to take a hint from; it has {string.Join(", ", values.Select(v => v.Name).Take(30))}{(values.Length > 30 ? ", ..." : "")}");
    }

    /// <summary>
    /// The tensor that people know by another name: that of its operator, as 'inspect' shows it with what is fused into it, or that of the file, to which a pass over the graph has added a number.
    /// </summary>
    private static Value? FindShown(Graph graph, Value[] values, string name)
    {
        Node? shown = graph.Nodes.Find(n => n.Name == name || BlobNames.Shorten(n.Name) == name);
        while (shown is not null && graph.Nodes.FindAll(n => n.Inputs.Contains(shown.Output)) is [{ Operator: BatchNorm or Unary } next] && !graph.Outputs.Contains(next.Output))
        {
            shown = next;
        }

        return shown is not null && values.Contains(shown.Output)
            ? shown.Output
            : Array.FindLast(values, v => BlobNames.Shorten(v.Name) == name || (v.Name.LastIndexOf('_') is > 0 and var end && v.Name[..end] == name && int.TryParse(v.Name.AsSpan(end + 1), out _)));
    }
}
