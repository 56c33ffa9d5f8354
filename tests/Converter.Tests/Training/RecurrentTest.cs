using TinyInference.Converter.Training;
using TinyInference.Converter.Training.Recurrent;

namespace Converter.Tests.Training;

/// <summary>The gradients of the recurrent cells against finite differences, for parameters and inputs.</summary>
[TestClass]
public class RecurrentTest
{
    private const int Steps = 5;
    private const int Inputs = 3;
    private const int Units = 4;

    [TestMethod]
    public void SimpleRnn() => Check(new SimpleRnn("c", Inputs, Units, 1));

    [TestMethod]
    public void Gru() => Check(new Gru("c", Inputs, Units, 1));

    [TestMethod]
    public void Lstm() => Check(new Lstm("c", Inputs, Units, 1));

    [TestMethod]
    public void A_cell_learns_to_add_up_a_sequence()
    {
        var cell = new Gru("c", 1, 8, 1);
        var optimizer = new Adam(cell.Parameters) { LearningRate = 0.02f };
        var random = new Random(1);
        double first = 0, last = 0;
        float[] states = new float[6 * 8];
        for (int round = 0; round < 400; round++)
        {
            float[] x = [.. Enumerable.Range(0, 6).Select(_ => (float)random.NextDouble() / 6)];
            RecurrentTape tape = cell.Forward(x, 6, states);
            float[] dStates = new float[states.Length];
            float error = states[^1] - x.Sum();
            dStates[^1] = 2 * error;
            Array.ForEach([.. cell.Parameters], p => p.Gradient.AsSpan().Clear());
            cell.Backward(tape, dStates, default);
            optimizer.Step();
            (first, last) = round < 20 ? (first + (error * error), last) : round >= 380 ? (first, last + (error * error)) : (first, last);
        }

        Assert.IsTrue(last < 0.2 * first, $"{first} to {last}");
    }

    private static void Check(RecurrentCell cell)
    {
        var random = new Random(2);
        float[] x = [.. Enumerable.Range(0, Steps * Inputs).Select(_ => (float)((2 * random.NextDouble()) - 1))];
        float[] weights = [.. Enumerable.Range(0, Steps * Units).Select(_ => (float)((2 * random.NextDouble()) - 1))];
        float[] states = new float[Steps * Units];

        double Loss()
        {
            cell.Forward(x, Steps, states);
            return states.Zip(weights, (s, w) => (double)s * w).Sum();
        }

        float[] dx = new float[x.Length];
        cell.Backward(cell.Forward(x, Steps, states), weights, dx);
        Compare("x", x, dx, Loss);
        foreach (Parameter parameter in cell.Parameters)
        {
            Compare(parameter.Value.Name, parameter.Data, parameter.Gradient, Loss);
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
}
