namespace TinyInference.Converter.Tests.Import;

using TinyInference.Converter.Graphs;

/// <summary>An ONNX file of one LSTM, GRU or RNN, its input, and a reference that follows the operators' text in double precision.</summary>
/// <param name="Activations">As in the file, of one direction; the usual ones where empty.</param>
/// <param name="Zeros">With initial states, peepholes and sequence lengths that change nothing.</param>
internal sealed record OnnxRecurrentCase(
    string Op, string Direction = "forward", bool ResetsBefore = false, string Activations = "", float[]? Alpha = null, float[]? Beta = null, float Clip = 0,
    int Layout = 0, int Batch = 1, bool HasBias = true, bool Zeros = false)
{
    public const int Steps = 6;
    public const int Inputs = 3;
    public const int Units = 4;

    private const float Range = 2;

    private int Gates => Op switch { "RNN" => 1, "GRU" => 3, _ => 4 };

    private int Width => Gates * Units;

    private int Directions => Direction == "bidirectional" ? 2 : 1;

    private float[] W => Random(1, Directions * Width * Inputs);

    private float[] R => Random(2, Directions * Width * Units);

    private float[] B => Random(3, Directions * 2 * Width);

    public Tensor Input => new(Layout == 0 ? new Shape(Steps, Batch, Inputs) : new Shape(Batch, Steps, Inputs), Random(4, Steps * Batch * Inputs));

    public override string ToString() =>
        $"{Op} {Direction}{(ResetsBefore ? " reset before" : "")} {Activations} {(Clip > 0 ? $"clip {Clip}" : "")} layout {Layout} batch {Batch}{(HasBias ? "" : " no bias")}{(Zeros ? " zeros" : "")}";

    /// <summary>The file, with the outputs y and h.</summary>
    public OnnxModelBuilder File()
    {
        OnnxModelBuilder model = new OnnxModelBuilder().Input("x", [.. Input.Shape]).Output("y").Output("h")
            .Floats("W", [Directions, Width, Inputs], W).Floats("R", [Directions, Width, Units], R).Floats("B", [Directions, 2 * Width], B);
        string inputs = HasBias ? "x W R B" : "x W R";
        if (Zeros)
        {
            int[] states = Layout == 0 ? [Directions, Batch, Units] : [Batch, Directions, Units];
            int count = states.Aggregate((a, b) => a * b);
            model.Ints("lengths", 6, [Batch], [.. Enumerable.Repeat(Steps, Batch)]).Floats("h0", states, new float[count]).Floats("c0", states, new float[count])
                .Floats("P", [Directions, 3 * Units], new float[Directions * 3 * Units]);
            inputs = (HasBias ? inputs : inputs + " -") + " lengths h0" + (Op == "LSTM" ? " c0 P" : "");
        }

        // Exporters name all outputs, read or not.
        return model.Node(Op, inputs, Op == "LSTM" ? "y h c" : "y h", [.. Attributes()]);
    }

    /// <summary>y and h.</summary>
    public (Tensor All, Tensor Last) Expected()
    {
        float[] x = Input.Floats, all = new float[Steps * Directions * Batch * Units], last = new float[Directions * Batch * Units];
        for (int d = 0; d < Directions; d++)
        {
            bool backwards = Direction == "reverse" || d == 1;
            for (int n = 0; n < Batch; n++)
            {
                double[] h = new double[Units], c = new double[Units];
                for (int i = 0; i < Steps; i++)
                {
                    int t = backwards ? Steps - 1 - i : i;
                    h = Step(d, [.. Enumerable.Range(0, Inputs).Select(k => (double)x[((Layout == 0 ? (t * Batch) + n : (n * Steps) + t) * Inputs) + k])], h, c);
                    for (int u = 0; u < Units; u++)
                    {
                        all[((Layout == 0 ? (((t * Directions) + d) * Batch) + n : (((n * Steps) + t) * Directions) + d) * Units) + u] = (float)h[u];
                        last[((Layout == 0 ? (d * Batch) + n : (n * Directions) + d) * Units) + u] = (float)h[u];
                    }
                }
            }
        }

        return Layout == 0
            ? (new Tensor(new Shape(Steps, Directions, Batch, Units), all), new Tensor(new Shape(Directions, Batch, Units), last))
            : (new Tensor(new Shape(Batch, Steps, Directions, Units), all), new Tensor(new Shape(Batch, Directions, Units), last));
    }

    private List<(string Name, object Value)> Attributes()
    {
        List<(string Name, object Value)> attributes = [("hidden_size", Units), ("direction", Direction), ("layout", Layout)];
        if (Op == "GRU")
        {
            attributes.Add(("linear_before_reset", ResetsBefore ? 0 : 1));
        }

        if (Activations.Length > 0)
        {
            attributes.Add(("activations", Enumerable.Repeat(Activations.Split(' '), Directions).SelectMany(a => a).ToArray()));
            attributes.Add(("activation_alpha", Enumerable.Repeat(Alpha ?? [], Directions).SelectMany(a => a).ToArray()));
            attributes.Add(("activation_beta", Enumerable.Repeat(Beta ?? [], Directions).SelectMany(a => a).ToArray()));
        }

        if (Clip > 0)
        {
            attributes.Add(("clip", Clip));
        }

        return attributes;
    }

    private double[] Step(int direction, double[] x, double[] h, double[] c)
    {
        double FromInput(int gate, int u)
        {
            int row = (((direction * Gates) + gate) * Units) + u;
            return (HasBias ? B[(direction * 2 * Width) + (gate * Units) + u] : 0) + Enumerable.Range(0, Inputs).Sum(i => W[(row * Inputs) + i] * x[i]);
        }

        double FromState(int gate, int u, double[] state)
        {
            int row = (((direction * Gates) + gate) * Units) + u;
            return (HasBias ? B[(((direction * 2) + 1) * Width) + (gate * Units) + u] : 0) + Enumerable.Range(0, Units).Sum(i => R[(row * Units) + i] * state[i]);
        }

        double Both(int gate, int u) => FromInput(gate, u) + FromState(gate, u, h);
        int[] units = [.. Enumerable.Range(0, Units)];
        switch (Op)
        {
            case "RNN":
                return [.. units.Select(u => Apply(0, Both(0, u)))];
            case "GRU":
                double[] reset = [.. units.Select(u => Apply(0, Both(1, u)))];
                double[] kept = [.. units.Select(u => reset[u] * h[u])];
                return
                [
                    .. units.Select(u =>
                    {
                        double z = Apply(0, Both(0, u));
                        return ((1 - z) * Apply(1, FromInput(2, u) + (ResetsBefore ? FromState(2, u, kept) : reset[u] * FromState(2, u, h)))) + (z * h[u]);
                    }),
                ];
            default:
                double[] cell = [.. units.Select(u => (Apply(0, Both(2, u)) * c[u]) + (Apply(0, Both(0, u)) * Apply(1, Both(3, u))))];
                cell.CopyTo(c, 0);
                return [.. units.Select(u => Apply(0, Both(1, u)) * Apply(2, cell[u]))];
        }
    }

    /// <summary>The function at that place among the activations; 'clip' bounds what it reads.</summary>
    private double Apply(int place, double x)
    {
        string[] names = Activations.Length > 0 ? Activations.Split(' ') : Op switch { "RNN" => ["Tanh"], "GRU" => ["Sigmoid", "Tanh"], _ => ["Sigmoid", "Tanh", "Tanh"] };
        int taken = names.Take(place).Count(n => n is "HardSigmoid" or "Affine");
        double alpha = taken < Alpha?.Length ? Alpha[taken] : names[place] == "HardSigmoid" ? 0.2f : 1;
        double beta = taken < Beta?.Length ? Beta[taken] : names[place] == "HardSigmoid" ? 0.5f : 0;
        x = Clip > 0 ? Math.Clamp(x, -Clip, Clip) : x;
        return names[place] switch
        {
            "Sigmoid" => 1 / (1 + Math.Exp(-x)),
            "Tanh" => Math.Tanh(x),
            "HardSigmoid" => Math.Clamp((alpha * x) + beta, 0, 1),
            _ => (alpha * x) + beta,
        };
    }

    private static float[] Random(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => Range * ((2 * random.NextSingle()) - 1))];
    }
}
