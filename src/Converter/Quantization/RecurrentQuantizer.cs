namespace TinyInference.Converter.Quantization;

using TinyInference.Converter.Graphs;

/// <summary>The weights of recurrent layers and the tables of embeddings, when the activations around them have their parameters.</summary>
internal static class RecurrentQuantizer
{
    /// <summary>Each product's weights get a scale for each gate, or (with <paramref name="granularity"/> per channel, where one is not enough) for each row; biases that of their product.</summary>
    public static void QuantizeCell(Graph graph, Node node, WeightGranularity granularity)
    {
        int gates = ((Recurrent)node.Operator).Gates;
        QuantizeProduct(graph, node, 1, 3, node.Input(0).Quantization!.Scale, gates, granularity);
        QuantizeProduct(graph, node, 2, 4, node.Output.Quantization!.Scale, gates, granularity);
    }

    /// <summary>A table of float rows, in the parameters that its output has.</summary>
    public static void QuantizeTable(Graph graph, Node node)
    {
        Value table = node.Input(0);
        QuantizationParameters q = node.Output.Quantization!;
        sbyte[] integers = Array.ConvertAll(table.Constant!.Floats, x => FixedPoint.Quantize(x, q.Scale, q.ZeroPoint));
        node.Inputs[0] = new Value(graph.UniqueName(table.Name + "/int8"), new Tensor(table.Shape, integers)) { Quantization = q };
    }

    private static void QuantizeProduct(Graph graph, Node node, int weightsInput, int biasInput, float inputScale, int gates, WeightGranularity granularity)
    {
        Value weights = node.Input(weightsInput);
        Value? bias = node.OptionalInput(biasInput);
        float[]? biases = bias is { Type: ElementType.Float32 } ? bias.Constant!.Floats : null;
        if (weights.Type == ElementType.Float32)
        {
            int rows = weights.Shape[0];
            int each = granularity == WeightGranularity.PerChannel && WeightQuantizer.LosesByOneScale(weights) ? 1 : rows / gates;
            float[] scales = Scales(node, weights, biases, inputScale, each);
            node.Inputs[weightsInput] = new Value(graph.UniqueName(weights.Name + "/int8"), WeightQuantizer.QuantizeSymmetric(weights, 0, scales))
            {
                Quantization = new QuantizationParameters(scales, new int[rows]),
            };
        }

        if (biases is null)
        {
            return;
        }

        float[] weightScales = node.Input(weightsInput).Quantization!.Scales;
        float[] biasScales = Array.ConvertAll(weightScales, w => inputScale * w);
        int[] quantized = [.. biases.Select((b, o) => WeightQuantizer.QuantizeBias(node, b, (double)inputScale * weightScales[weightScales.Length == 1 ? 0 : o]))];
        node.Inputs[biasInput] = new Value(graph.UniqueName(bias!.Name + "/int32"), new Tensor(bias.Shape, quantized))
        {
            Quantization = new QuantizationParameters(biasScales, new int[biasScales.Length]),
        };
    }

    /// <summary>A scale for each row; <paramref name="each"/> rows at a time have the same one.</summary>
    private static float[] Scales(Node node, Value weights, float[]? biases, float inputScale, int each)
    {
        float[] data = weights.Constant!.Floats;
        int width = weights.Shape[1];
        var scales = new float[weights.Shape[0]];
        for (int row = 0; row < scales.Length; row += each)
        {
            float largest = 0;
            foreach (float w in data.AsSpan(row * width, each * width))
            {
                largest = float.IsFinite(w) ? Math.Max(largest, Math.Abs(w)) : throw new InputException($"{node}: its weights '{weights.Name}' are not all finite");
            }

            float bias = biases is null ? 0 : biases.AsSpan(row, each).ToArray().Max(Math.Abs);
            scales.AsSpan(row, each).Fill(WeightQuantizer.AtLeast(largest / sbyte.MaxValue, bias, inputScale));
        }

        return scales;
    }
}
