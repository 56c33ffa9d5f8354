using System.Numerics.Tensors;
using TinyInference.Converter.Emission;
using TinyInference.Converter.Passes;
using TinyInference.Converter.Training;

namespace TinyInference.Converter.Compression.Distillation;

using TinyInference.Converter.Graphs;

/// <summary>
/// An inner activation of the teacher that one of the student's is to resemble (FitNets, arXiv 1412.6550, equation 3): the squared error, as a share
/// of the teacher's squares, so that weights mean the same whatever the scale of its activations. Where the student has other channels, a linear layer
/// (the regressor of the paper) learns beside it to make the teacher's channels of them, so that the student's need only hold what the teacher's tell.
/// </summary>
internal sealed class Hint
{
    private readonly Value _teacher;
    private readonly Value _student;

    private Hint(Value teacher, Value student)
    {
        _teacher = teacher;
        _student = student;
    }

    /// <summary>Finds both tensors, and puts a regressor into the student where it needs one; <see cref="RemoveRegressors"/> takes it out.</summary>
    /// <param name="teacherName">Of a value in <paramref name="teacher"/>.</param>
    /// <param name="studentName">Of a value in <paramref name="student"/>.</param>
    /// <exception cref="InputException">There is no such value, or their shapes can't be compared.</exception>
    public static Hint Connect(Graph teacher, string teacherName, Graph student, string studentName)
    {
        Value theirs = Find(teacher, teacherName, "teacher");
        Value ours = Find(student, studentName, "student");
        Shape a = theirs.Shape;
        Shape b = ours.Shape;
        if (a.Equals(b))
        {
            return new Hint(theirs, ours);
        }

        return a.Rank == b.Rank && a.Rank is 2 or 4 && a.With(-1, 1).Equals(b.With(-1, 1))
            ? new Hint(theirs, Regress(student, ours, a[-1]))
            : throw new InputException($"hint {teacherName}={studentName}: the teacher's is {a}, the student's {b}; height and width, or the whole shape, must be equal");
    }

    /// <summary>Takes out what only hints have read.</summary>
    public static void RemoveRegressors(Graph student) => new DeadCode().Apply(student);

    /// <summary>Adds the derivative to the student's gradient of the value.</summary>
    /// <param name="weight">Of one sample.</param>
    /// <returns>The loss, times <paramref name="weight"/>.</returns>
    public double Apply(Shard teacher, Shard student, float weight)
    {
        int size = _teacher.Shape.ElementCount;
        ReadOnlySpan<float> targets = teacher.Activation(_teacher);
        ReadOnlySpan<float> given = student.Activation(_student);
        Span<float> gradient = student.Gradient(_student);
        double loss = 0;
        for (int n = 0; n < student.Samples; n++)
        {
            ReadOnlySpan<float> target = targets.Slice(n * size, size);
            float squares = Math.Max(TensorPrimitives.SumOfSquares(target), 1e-12f);
            loss += Losses.MeanSquaredError(given.Slice(n * size, size), target, weight * size / squares, gradient.Slice(n * size, size));
        }

        return loss;
    }

    /// <summary>A linear map of the channels of <paramref name="value"/>, which nothing else reads.</summary>
    private static Value Regress(Graph student, Value value, int channels)
    {
        var builder = new NetworkBuilder("regressor", value.Shape, student.Nodes.Count);
        Node node = (value.Shape.Rank == 4 ? builder.Conv2D(channels, 1, 1) : builder.FullyConnected(channels)).Graph.Nodes[^1];
        string prefix = $"hint{student.Nodes.Count}/";
        node.Name = prefix + node.Name;
        foreach (Value own in node.Inputs.OfType<Value>().Skip(1).Concat(node.Outputs))
        {
            own.Name = prefix + own.Name;
        }

        node.Inputs[0] = value;

        // Right behind what it reads: the last node stays the one that answers.
        student.Nodes.Insert(student.Nodes.FindIndex(n => n.Outputs.Contains(value)) + 1, node);
        return node.Output;
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
