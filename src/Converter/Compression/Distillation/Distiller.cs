using TinyInference.Converter.Compression.Pruning;
using TinyInference.Converter.Features;
using TinyInference.Converter.Training;

namespace TinyInference.Converter.Compression.Distillation;

using TinyInference.Converter.Graphs;

/// <summary>What a student has learned.</summary>
/// <param name="Graph">The student after its best epoch.</param>
/// <param name="TeacherAccuracy">On held-out samples.</param>
/// <param name="Accuracy">The student's, on the same.</param>
/// <param name="Epochs">The student's accuracy after each epoch.</param>
/// <param name="Failure">Why a later epoch could not be trained to its end.</param>
internal sealed record DistillationResult(Graph Graph, double TeacherAccuracy, double Accuracy, IReadOnlyList<double> Epochs, string? Failure);

/// <summary>Trains a student on labels and on what a teacher says.</summary>
internal static class Distiller
{
    /// <param name="teacher">Float; left as it is.</param>
    /// <param name="student">Float; left as it is. Its pruned weights stay pruned.</param>
    /// <param name="hints">Names of inner values, the teacher's and the student's.</param>
    /// <param name="teacherPreparation">How data become the teacher's input; <paramref name="tuner"/> has the student's.</param>
    /// <exception cref="InputException">Teacher, student and data do not fit each other.</exception>
    public static DistillationResult Train(
        Graph teacher,
        Graph student,
        FineTuner tuner,
        DistillationOptions options,
        IReadOnlyList<(string Teacher, string Student)> hints,
        int epochs,
        float rate,
        InputPreparation teacherPreparation,
        Action<TrainingProgress>? report,
        CancellationToken cancellation)
    {
        Graph pupil = TrainableGraph.Copy(student);
        TrainableNetwork expert = tuner.Open(TrainableGraph.Copy(teacher));
        Hint[] pairs = [.. hints.Select(h => Hint.Connect(expert.Graph, h.Teacher, pupil, h.Student))];
        TrainableNetwork network = tuner.Open(pupil);
        if (expert.Output.Shape.ElementCount != network.Output.Shape.ElementCount)
        {
            throw new InputException($"the teacher tells {expert.Output.Shape.ElementCount} classes apart, the student {network.Output.Shape.ElementCount}: they must be the same classes");
        }

        MagnitudeMasks.FromZeros(network);
        var objective = new DistillationObjective(tuner.Data.Train.Labels!, expert, pairs, options, tuner.Data.Preparation, teacherPreparation);
        var accuracies = new List<double>();
        Graph best = pupil;
        double accuracy = -1;
        string? failure = null;

        // Now, and not when the user has stopped it: the result is to be written at once.
        double expertAccuracy = tuner.With(tuner.Data with { Preparation = teacherPreparation }).Accuracy(expert, cancellation);
        try
        {
            tuner.Train(network, new Adam(network.Parameters), objective, epochs, new Schedule(ScheduleKind.Cosine, rate, 0.05f), report, () =>
            {
                accuracies.Add(tuner.Accuracy(network, cancellation));
                if (accuracies[^1] >= accuracy)
                {
                    accuracy = accuracies[^1];
                    best = TrainableGraph.Copy(pupil);
                }
            }, cancellation);
        }
        catch (OperationCanceledException)
        {
            // What was learned until now is the result; the number of epochs says how far it came.
        }
        catch (InputException e) when (accuracies.Count > 0)
        {
            failure = e.Message;
        }

        Hint.RemoveRegressors(best);
        return new DistillationResult(best, expertAccuracy, accuracy, accuracies, failure);
    }
}
