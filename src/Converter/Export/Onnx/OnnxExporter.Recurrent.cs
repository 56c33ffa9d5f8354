using System.Runtime.InteropServices;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Import.Onnx.Schema;

namespace TinyInference.Converter.Export.Onnx;

/// <summary>Recurrent layers: LSTM, GRU and RNN, whose sequences lie side by side in the file.</summary>
internal sealed partial class OnnxExporter
{
    /// <summary>
    /// ONNX has no clip(x, -1, 1) among the functions of a cell, but clamps what all of them read to ±this ('clip'), which a hard sigmoid does not feel: its line ends at 2.5. So the
    /// candidates' weights are multiplied by it, and a line (Affine) makes of ±this ±1. A power of two: nothing is rounded.
    /// </summary>
    private const float HardClip = 4;

    private const float HardSlope = 0.2f;

    private void AddRecurrent(Node node, Recurrent cell)
    {
        if (cell.CellClip > 0)
        {
            throw new InputException($"{node} clamps its cell state, which the ONNX operator does not: it can be converted, but not written as ONNX");
        }

        if (cell is { Cell: RecurrentCellKind.Lstm, Form: GateForm.Hard })
        {
            throw new InputException($"{node} has a hard tanh of its cell state, which the ONNX operator does not have: it can be converted, but not written as ONNX");
        }

        string name = node.Output.Name;
        int width = node.Input(2).Shape[0];
        string x = Name(node.Input(0));
        if (!cell.TimeMajor)
        {
            AddNode(node.Name + "/steps", "Transpose", [x], name + "/steps", Ints("perm", [1, 0, 2]));
            x = name + "/steps";
        }

        List<string> inputs = [x, Stacked(name + "/W", node.Input(1), cell), Stacked(name + "/R", node.Input(2), cell)];
        if (node.OptionalInput(3) is not null || node.OptionalInput(4) is not null)
        {
            float[] biases = [.. Scaled(cell, node.OptionalInput(3)?.Constant?.Floats ?? new float[width]), .. Scaled(cell, node.OptionalInput(4)?.Constant?.Floats ?? new float[width])];
            AddInitializer(name + "/B", [1, 2 * width], FloatTensor, MemoryMarshal.AsBytes<float>(biases));
            inputs.Add(name + "/B");
        }

        List<AttributeProto> attributes = [Int("hidden_size", width / cell.Gates), .. Activations(cell)];
        if (cell.Cell == RecurrentCellKind.Gru)
        {
            attributes.Add(Int("linear_before_reset", cell.ResetsBefore ? 0 : 1));
        }

        string type = cell.Cell switch { RecurrentCellKind.SimpleRnn => "RNN", RecurrentCellKind.Gru => "GRU", _ => "LSTM" };
        AddNode(node.Name + "/cell", type, inputs, name + "/all", [.. attributes]);
        string direction = Integers(node, "direction", [1]);
        if (cell.TimeMajor)
        {
            AddNode(node, "Squeeze", [name + "/all", direction]);
            return;
        }

        AddNode(node.Name + "/squeeze", "Squeeze", [name + "/all", direction], name + "/states");
        AddNode(node, "Transpose", [name + "/states"], Ints("perm", [1, 0, 2]));
    }

    private static IEnumerable<AttributeProto> Activations(Recurrent cell)
    {
        bool hasGates = cell.Cell != RecurrentCellKind.SimpleRnn;
        bool isLstm = cell.Cell == RecurrentCellKind.Lstm;
        return cell.Form switch
        {
            GateForm.Smooth => [],
            GateForm.HardSigmoid when !hasGates => [],
            GateForm.HardSigmoid =>
            [
                OnnxAttributes.Words("activations", isLstm ? ["HardSigmoid", "Tanh", "Tanh"] : ["HardSigmoid", "Tanh"]),
                OnnxAttributes.Floats("activation_alpha", [HardSlope]),
                OnnxAttributes.Floats("activation_beta", [0.5f]),
            ],

            _ =>
            [
                Float("clip", HardClip),
                OnnxAttributes.Words("activations", hasGates ? ["HardSigmoid", "Affine"] : ["Affine"]),
                OnnxAttributes.Floats("activation_alpha", hasGates ? [HardSlope, 1 / HardClip] : [1 / HardClip]),
                OnnxAttributes.Floats("activation_beta", hasGates ? [0.5f, 0] : [0]),
            ],
        };
    }

    /// <summary>Weights or biases of all gates, those of the candidates (the last ones) as their function in the file reads them.</summary>
    private static float[] Scaled(Recurrent cell, float[] data)
    {
        int candidates = data.Length / cell.Gates * (cell.Gates - 1);
        return cell.Form == GateForm.Hard ? [.. data[..candidates], .. data[candidates..].Select(x => x * HardClip)] : data;
    }

    /// <summary>Weights with a leading dimension for the one direction.</summary>
    private string Stacked(string name, Value weights, Recurrent cell)
    {
        if (weights.Constant is not { Type: ElementType.Float32 } constant)
        {
            throw new InputException($"'{weights.Name}' is not a float constant: only float networks with fixed weights are written as ONNX");
        }

        AddInitializer(name, [1, .. weights.Shape], FloatTensor, MemoryMarshal.AsBytes<float>(Scaled(cell, constant.Floats)));
        return name;
    }
}
