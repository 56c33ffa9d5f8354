using TinyInference.Converter.Graphs;
using TinyInference.Converter.Training.Recurrent;

namespace Converter.Tests.Execution;

using TinyInference.Converter.Execution;

[TestClass]
public class RecurrentTest
{
    [TestMethod]
    [DataRow(nameof(RecurrentCellKind.SimpleRnn))]
    [DataRow(nameof(RecurrentCellKind.Gru))]
    [DataRow(nameof(RecurrentCellKind.Lstm))]
    public void Cells_agree_with_a_plain_reference(string kind) => RandomCases.ForAll(random =>
    {
        var cell = new Recurrent(Enum.Parse<RecurrentCellKind>(kind), (GateForm)random.Next(3), random.Next(2) == 0, random.Next(3) == 0 ? 0.5f : 0, ResetsBefore: kind == nameof(RecurrentCellKind.Gru) && random.Next(2) == 0);
        int batch = random.Next(1, 4), steps = random.Next(1, 6), inputs = random.Next(1, 9), units = random.Next(1, 9);
        int width = cell.Gates * units;
        Shape shape = cell.TimeMajor ? new Shape(steps, batch, inputs) : new Shape(batch, steps, inputs);
        var x = new Tensor(shape, random.Floats(shape.ElementCount));
        var w = new Tensor(new Shape(width, inputs), random.Floats(width * inputs));
        var r = new Tensor(new Shape(width, units), random.Floats(width * units));
        Tensor? wb = random.Next(3) == 0 ? null : new Tensor(new Shape(width), random.Floats(width));
        Tensor? rb = random.Next(3) == 0 ? null : new Tensor(new Shape(width), random.Floats(width));
        Tensor result = OneNode.Run(cell, shape.With(2, units), x, w, r, wb, rb);
        OneNode.AssertClose(Reference(cell, batch, steps, inputs, units, x.Floats, w.Floats, r.Floats, wb?.Floats, rb?.Floats), result, 1e-4f);
    }, 60);

    [TestMethod]
    public void Weights_of_the_wrong_number_of_gates_are_refused()
    {
        var w = new Tensor(new Shape(8, 2), new float[16]);
        Assert.ThrowsExactly<InvalidOperationException>(() => OneNode.Run(new Recurrent(RecurrentCellKind.Gru), new Shape(1, 1, 2), new Tensor(new Shape(1, 1, 2), new float[2]), w, w));
    }

    private static float[] Reference(Recurrent cell, int batch, int steps, int inputs, int units, float[] x, float[] w, float[] r, float[]? wb, float[]? rb)
    {
        var y = new float[batch * steps * units];
        double Sigmoid(double v) => cell.Form != GateForm.Smooth ? Math.Clamp((GateActivation.HardSlope * v) + 0.5, 0, 1) : 1 / (1 + Math.Exp(-v));
        double Tanh(double v) => cell.Form == GateForm.Hard ? Math.Clamp(v, -1, 1) : Math.Tanh(v);
        for (int n = 0; n < batch; n++)
        {
            var h = new double[units];
            var c = new double[units];
            for (int t = 0; t < steps; t++)
            {
                int at = cell.TimeMajor ? (t * batch) + n : (n * steps) + t;
                double FromInput(int gate, int u) => (wb?[(gate * units) + u] ?? 0) + Enumerable.Range(0, inputs).Sum(i => (double)w[(((gate * units) + u) * inputs) + i] * x[(at * inputs) + i]);
                double FromState(int gate, int u) => (rb?[(gate * units) + u] ?? 0) + Enumerable.Range(0, units).Sum(i => r[(((gate * units) + u) * units) + i] * h[i]);
                double Both(int gate, int u) => FromInput(gate, u) + FromState(gate, u);
                var next = new double[units];
                for (int u = 0; u < units; u++)
                {
                    switch (cell.Cell)
                    {
                        case RecurrentCellKind.SimpleRnn:
                            next[u] = Tanh(Both(0, u));
                            break;
                        case RecurrentCellKind.Gru:
                            double[] reset = [.. h.Select((v, i) => v * Sigmoid(Both(1, i)))];
                            double fromReset = (rb?[(2 * units) + u] ?? 0) + Enumerable.Range(0, units).Sum(i => r[(((2 * units) + u) * units) + i] * reset[i]);
                            double candidate = Tanh(FromInput(2, u) + (cell.ResetsBefore ? fromReset : Sigmoid(Both(1, u)) * FromState(2, u)));
                            double z = Sigmoid(Both(0, u));
                            next[u] = ((1 - z) * candidate) + (z * h[u]);
                            break;
                        default:
                            c[u] = (Sigmoid(Both(2, u)) * c[u]) + (Sigmoid(Both(0, u)) * Tanh(Both(3, u)));
                            c[u] = cell.CellClip > 0 ? Math.Clamp(c[u], -cell.CellClip, cell.CellClip) : c[u];
                            next[u] = Sigmoid(Both(1, u)) * Tanh(c[u]);
                            break;
                    }
                }

                h = next;
                for (int u = 0; u < units; u++)
                {
                    y[(at * units) + u] = (float)h[u];
                }
            }
        }

        return y;
    }
}
