using TinyInference.Converter.Graphs;
using TinyInference.Converter.Training;
using TinyInference.Converter.Training.Recurrent;

namespace Converter.Tests.Training;

/// <summary>The gradients of the recurrent cells against finite differences, for parameters and inputs, over sequences side by side.</summary>
[TestClass]
public class RecurrentTest
{
    private const int Steps = 5;
    private const int Inputs = 3;
    private const int Units = 4;

    [TestMethod]
    [DataRow(1, nameof(GateForm.Smooth))]
    [DataRow(3, nameof(GateForm.Smooth))]
    [DataRow(3, nameof(GateForm.Hard))]
    [DataRow(3, nameof(GateForm.HardSigmoid))]
    public void SimpleRnn(int batch, string form) => Check(new SimpleRnn("c", Inputs, Units, 1, Enum.Parse<GateForm>(form)), batch);

    [TestMethod]
    [DataRow(1, nameof(GateForm.Smooth))]
    [DataRow(3, nameof(GateForm.Smooth))]
    [DataRow(3, nameof(GateForm.Hard))]
    [DataRow(3, nameof(GateForm.HardSigmoid))]
    public void Gru(int batch, string form) => Check(new Gru("c", Inputs, Units, 1, Enum.Parse<GateForm>(form)), batch);

    [TestMethod]
    [DataRow(1, nameof(GateForm.Smooth))]
    [DataRow(3, nameof(GateForm.Smooth))]
    [DataRow(3, nameof(GateForm.Hard))]
    [DataRow(3, nameof(GateForm.HardSigmoid))]
    public void Lstm(int batch, string form) => Check(new Lstm("c", Inputs, Units, 1, Enum.Parse<GateForm>(form)), batch);

    [TestMethod]
    public void Sequences_side_by_side_are_as_each_alone_and_in_parts()
    {
        var cell = new Lstm("c", Inputs, Units, 1);
        float[] x = Random(Steps * 2 * Inputs, 3);
        var together = new RecurrentTape(cell, Steps, 2);
        x.CopyTo(together.Inputs, 0);
        cell.Forward(together);
        var alone = new RecurrentTape(cell, 3, 1);
        foreach ((int first, int count) in new[] { (0, 3), (3, 2) })
        {
            alone.Steps = count;
            for (int t = 0; t < count; t++)
            {
                x.AsSpan((((first + t) * 2) + 1) * Inputs, Inputs).CopyTo(alone.Inputs.AsSpan(t * Inputs));
            }

            cell.Forward(alone);
            for (int i = 0; i < count * Units; i++)
            {
                Assert.AreEqual(together.States[((((first + (i / Units)) * 2) + 1) * Units) + (i % Units)], alone.States[i]);
            }

            alone.Carry();
        }
    }

    [TestMethod]
    public void A_start_forgets_what_was_before()
    {
        var cell = new Gru("c", Inputs, Units, 1);
        float[] x = Random(2 * Inputs, 3);
        var tape = new RecurrentTape(cell, 2, 1);
        x.CopyTo(tape.Inputs, 0);
        tape.Starts[1] = true;
        cell.Forward(tape);
        float[] afterStart = tape.States[Units..];
        tape.Steps = 1;
        x.AsSpan(Inputs).CopyTo(tape.Inputs);
        tape.Reset();
        cell.Forward(tape);
        CollectionAssert.AreEqual(tape.States[..Units], afterStart);
    }

    [TestMethod]
    public void A_cell_learns_to_add_up_a_sequence()
    {
        var cell = new Gru("c", 1, 8, 1);
        var optimizer = new Adam(cell.Parameters) { LearningRate = 0.02f };
        var sums = new GradientSums(cell.Parameters);
        var random = new Random(1);
        double first = 0, last = 0;
        var tape = new RecurrentTape(cell, 6, 1);
        for (int round = 0; round < 400; round++)
        {
            float[] x = [.. Enumerable.Range(0, 6).Select(_ => (float)random.NextDouble() / 6)];
            x.CopyTo(tape.Inputs, 0);
            cell.Forward(tape);
            float[] dStates = new float[tape.States.Length];
            float error = tape.States[^1] - x.Sum();
            dStates[^1] = 2 * error;
            sums.Clear();
            cell.Backward(tape, dStates, default, sums);
            GradientSums.Gather(cell.Parameters, [sums]);
            optimizer.Step();
            (first, last) = round < 20 ? (first + (error * error), last) : round >= 380 ? (first, last + (error * error)) : (first, last);
        }

        Assert.IsTrue(last < 0.2 * first, $"{first} to {last}");
    }

    [TestMethod]
    public void A_norm_above_the_limit_is_scaled_down_over_all_parameters()
    {
        IReadOnlyList<Parameter> parameters = new SimpleRnn("c", 1, 2, 1).Parameters;
        Array.Fill(parameters[0].Gradient, 3f);
        Array.Fill(parameters[2].Gradient, 4f);
        Assert.AreEqual(MathF.Sqrt(50), GradientSums.ClipNorm(parameters, 5), 1e-5f);
        Assert.AreEqual(3 * 5 / MathF.Sqrt(50), parameters[0].Gradient[1], 1e-5f);
        Assert.AreEqual(5f, GradientSums.ClipNorm(parameters, 6), 1e-5f);
        Assert.AreEqual(4 * 5 / MathF.Sqrt(50), parameters[2].Gradient[0], 1e-5f);
    }

    private static void Check(RecurrentCell cell, int batch)
    {
        var tape = new RecurrentTape(cell, Steps, batch);
        Random(tape.Inputs.Length, 2).CopyTo(tape.Inputs, 0);
        float[] weights = Random(tape.States.Length, 4);
        if (batch > 1)
        {
            tape.Starts[(2 * batch) + 1] = true;
        }

        double Loss()
        {
            cell.Forward(tape);
            return tape.States.Zip(weights, (s, w) => (double)s * w).Sum();
        }

        float[] dx = new float[tape.Inputs.Length];
        var sums = new GradientSums(cell.Parameters);
        cell.Forward(tape);
        cell.Backward(tape, weights, dx, sums);
        Compare("x", tape.Inputs, dx, Loss);
        foreach (Parameter parameter in cell.Parameters)
        {
            Compare(parameter.Value.Name, parameter.Data, sums.Of(parameter), Loss);
        }
    }

    private static void Compare(string name, float[] data, float[] gradient, Func<double> loss)
    {
        const float Step = 1e-2f;
        for (int i = 0; i < data.Length; i++)
        {
            float saved = data[i];
            data[i] = saved + Step;
            double above = loss();
            data[i] = saved - Step;
            double below = loss();
            data[i] = saved;
            Assert.AreEqual((above - below) / (2 * Step), gradient[i], 2e-3, $"{name}[{i}]");
        }
    }

    private static float[] Random(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)((2 * random.NextDouble()) - 1))];
    }
}
