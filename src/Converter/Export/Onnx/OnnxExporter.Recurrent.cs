using System.Runtime.InteropServices;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Import.Onnx.Schema;

namespace TinyInference.Converter.Export.Onnx;

/// <summary>Recurrent layers: LSTM, GRU and RNN, whose sequences lie side by side in the file.</summary>
internal sealed partial class OnnxExporter
{
    private void AddRecurrent(Node node, Recurrent cell)
    {
        string name = node.Output.Name;
        int width = node.Input(2).Shape[0];
        string x = Name(node.Input(0));
        if (!cell.TimeMajor)
        {
            AddNode(node.Name + "/steps", "Transpose", [x], name + "/steps", Ints("perm", [1, 0, 2]));
            x = name + "/steps";
        }

        List<string> inputs = [x, Stacked(name + "/W", node.Input(1)), Stacked(name + "/R", node.Input(2))];
        if (node.OptionalInput(3) is not null || node.OptionalInput(4) is not null)
        {
            float[] biases = [.. node.OptionalInput(3)?.Constant?.Floats ?? new float[width], .. node.OptionalInput(4)?.Constant?.Floats ?? new float[width]];
            AddInitializer(name + "/B", [1, 2 * width], FloatTensor, MemoryMarshal.AsBytes<float>(biases));
            inputs.Add(name + "/B");
        }

        List<AttributeProto> attributes = [Int("hidden_size", width / cell.Gates)];
        if (cell.Cell == RecurrentCellKind.Gru)
        {
            attributes.Add(Int("linear_before_reset", 1));
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

    /// <summary>Weights with a leading dimension for the one direction.</summary>
    private string Stacked(string name, Value weights)
    {
        if (weights.Constant is not { Type: ElementType.Float32 } constant)
        {
            throw new InputException($"'{weights.Name}' is not a float constant: only float networks with fixed weights are written as ONNX");
        }

        AddInitializer(name, [1, .. weights.Shape], FloatTensor, MemoryMarshal.AsBytes<float>(constant.Floats));
        return name;
    }
}
