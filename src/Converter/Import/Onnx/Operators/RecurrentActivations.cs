namespace TinyInference.Converter.Import.Onnx.Operators;

using TinyInference.Converter.Graphs;

/// <summary>
/// The functions of one direction of a recurrent layer, as far as the graph has them: sigmoid or hard sigmoid for the gates, tanh for the rest, or (RNN and GRU) clip(x, -1, 1),
/// which ONNX can state as a line (Affine) behind the attribute 'clip'. What a line does to its argument is done to the weights.
/// </summary>
/// <param name="GateScale">The gates' weights and biases are multiplied by this,</param>
/// <param name="GateShift">and this is added to their biases.</param>
/// <param name="CandidateScale">The candidates' weights and biases are multiplied by this.</param>
internal sealed record RecurrentActivations(GateForm Form, float GateScale = 1, float GateShift = 0, float CandidateScale = 1)
{
    private const float HardSlope = 0.2f;
    private const float Tolerance = 1e-6f;

    private static readonly string[] s_withAlpha = ["Affine", "LeakyRelu", "ThresholdedRelu", "ScaledTanh", "HardSigmoid", "Elu"];
    private static readonly string[] s_withBeta = ["Affine", "ScaledTanh", "HardSigmoid"];

    /// <summary>Those of each direction, of which there are <paramref name="directions"/>.</summary>
    /// <exception cref="UnsupportedException">The graph does not have such functions.</exception>
    public static RecurrentActivations[] Of(OnnxNode node, RecurrentCellKind cell, int directions)
    {
        string[] usual = cell switch
        {
            RecurrentCellKind.SimpleRnn => ["Tanh"],
            RecurrentCellKind.Gru => ["Sigmoid", "Tanh"],
            _ => ["Sigmoid", "Tanh", "Tanh"],
        };
        string[] names = node.Texts("activations") ?? [.. Enumerable.Repeat(usual, directions).SelectMany(n => n)];
        if (names.Length != directions * usual.Length)
        {
            throw node.Fault($"attribute 'activations' has {names.Length} names, {directions * usual.Length} are needed");
        }

        float[] alphas = Numbers(node, "activation_alpha", names, s_withAlpha, name => Is(name, "HardSigmoid") ? HardSlope : 1);
        float[] betas = Numbers(node, "activation_beta", names, s_withBeta, name => Is(name, "HardSigmoid") ? 0.5f : Is(name, "Affine") ? 0 : 1);
        Function[] functions = [.. names.Select((n, i) => new Function(n, alphas[i], betas[i]))];
        float? clip = node.Has("clip") ? node.Float("clip", 0) : null;
        return
        [
            .. functions.Chunk(usual.Length).Select(f => From(cell, f, clip)
                ?? throw node.Unsupported($"its activations are {string.Join(", ", f.Select(a => a.Name))}{(clip is null ? "" : $" with the attribute 'clip' {clip}")}; "
                    + $"only {string.Join(", ", usual)} are supported{(cell == RecurrentCellKind.SimpleRnn ? "" : ", or HardSigmoid in place of Sigmoid")}, without 'clip': train and export the network with these")),
        ];
    }

    private static RecurrentActivations? From(RecurrentCellKind cell, Function[] functions, float? clip)
    {
        Function? gate = cell == RecurrentCellKind.SimpleRnn ? null : functions[0];
        Function candidate = functions[gate is null ? 0 : 1];
        bool hardGates = gate is not null && Is(gate.Name, "HardSigmoid") && gate.Alpha > 0;
        if (gate is not null && !hardGates && !Is(gate.Name, "Sigmoid"))
        {
            return null;
        }

        var smooth = new RecurrentActivations(hardGates ? GateForm.HardSigmoid : GateForm.Smooth);
        if (hardGates)
        {
            smooth = smooth with { GateScale = gate!.Alpha / HardSlope, GateShift = (gate.Beta - 0.5f) / HardSlope };
        }

        if (clip is not { } bound)
        {
            return functions[(gate is null ? 0 : 1)..].All(f => Is(f.Name, "Tanh")) ? smooth : null;
        }

        // The gates must not feel the clamp: beyond it they are 0 or 1. What an LSTM makes of its cell state would be clamped too; ONNX Runtime does not do that, so no such file is read.
        bool unfelt = gate is null || (hardGates && (gate.Alpha * bound) + gate.Beta >= 1 && gate.Beta - (gate.Alpha * bound) <= 0);
        return cell != RecurrentCellKind.Lstm && bound > 0 && float.IsFinite(bound) && unfelt && IsLine(candidate, 1 / bound)
            ? smooth with { Form = GateForm.Hard, CandidateScale = 1 / bound }
            : null;
    }

    private static bool IsLine(Function function, float slope) => Is(function.Name, "Affine") && function.Beta == 0 && Math.Abs(function.Alpha - slope) <= Tolerance * slope;

    private static bool Is(string name, string function) => name.Equals(function, StringComparison.OrdinalIgnoreCase);

    /// <summary>The attribute's numbers, which the functions that take one use up in their order.</summary>
    private static float[] Numbers(OnnxNode node, string attribute, string[] names, string[] takers, Func<string, float> otherwise)
    {
        float[] given = node.Floats(attribute) ?? [];
        int next = 0;
        float[] result = [.. names.Select(n => Array.Exists(takers, t => Is(n, t)) && next < given.Length ? given[next++] : otherwise(n))];
        return next < given.Length ? throw node.Fault($"attribute '{attribute}' has {given.Length} numbers, its activations take {next}")
            : Array.TrueForAll(result, float.IsFinite) ? result
            : throw node.Fault($"attribute '{attribute}' has a number that is not finite");
    }

    private sealed record Function(string Name, float Alpha, float Beta);
}
