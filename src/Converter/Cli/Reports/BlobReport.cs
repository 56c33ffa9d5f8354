using TinyInference.Converter.Planning.Patches;

namespace TinyInference.Converter.Cli.Reports;

/// <summary>What a loaded blob holds and costs.</summary>
internal static class BlobReport
{
    /// <param name="file">How the user calls it.</param>
    public static NetworkReport Create(Model model, string file)
    {
        string[] operatorNames = BlobText.Lines(model, Metadata.OperatorNames);
        int[] ram = RamInUse(model);
        return new NetworkReport(
            file,
            "blob",
            model.GetMetadata(Metadata.Name) ?? "",
            model.GetMetadata(Metadata.Task),
            BlobText.Lines(model, Metadata.Labels),
            model.GetMetadata(Metadata.InputPreparation),
            [.. model.Inputs.Select(t => Border(model, t))],
            [.. model.Outputs.Select(t => Border(model, t))],
            [.. model.Operators.Select((op, i) => Describe(op, i < operatorNames.Length ? operatorNames[i] : "", ram[i]))],
            model.BlobBytes,
            new MemoryReport(model.ArenaBytes, (4 * model.Scratch32) + (8 * model.Scratch64)))
        {
            Patches = PatchedOperators.Parse(model.GetMetadata(Metadata.Patches), model.Operators.Length),
        };
    }

    private static TensorReport Border(Model model, Tensor tensor)
    {
        string[] names = BlobText.Lines(model, Metadata.TensorNames);
        int index = Array.IndexOf(model.Tensors, tensor);
        return new TensorReport(index < names.Length ? names[index] : "", tensor.Dimensions, Type(tensor), BlobText.Scale(tensor), tensor.ZeroPoint);
    }

    private static string Type(Tensor tensor) => tensor.Type.ToString().ToLowerInvariant();

    private static OperatorReport Describe(Operator op, string name, int ram) => new(
        op.Kind.ToString(),
        name,
        [.. op.Inputs.Select(t => t.Dimensions)],
        op.Outputs[0].Dimensions,
        Type(op.Outputs[0]),
        Macs(op),
        op.SharesWeights ? 0 : Parameters(op),
        op.SharesWeights ? 0 : op.WeightsLength,
        ram)
    {
        Encoding = op.TreeCount > 0 ? FormattableString.Invariant($"{op.TreeCount} tree{(op.TreeCount == 1 ? "" : "s")}, {op.TreeNodeCount} nodes") : op.RowLength == 0 ? "" : Encoding(op.Encoding),
    };

    private static string Encoding(int encoding) => encoding switch
    {
        WeightEncoding.Packed => "packed",
        WeightEncoding.Sparse => "sparse",
        WeightEncoding.SparseBlocks => "blocks",
        _ => "dense",
    };

    /// <summary>As <see cref="Graphs.Cost"/> counts them, from what a blob states.</summary>
    private static long Macs(Operator op)
    {
        Tensor x = op.Inputs[0];
        Tensor y = op.Outputs[0];
        return op.Kind switch
        {
            // Each weight is used once at each place of the output, of a transposed convolution once at each place of the input.
            OperatorKind.Conv2D or OperatorKind.DepthwiseConv2D or OperatorKind.DynamicConv2D => (long)y.ElementCount * op.RowLength,
            OperatorKind.TransposeConv2D => (long)x.ElementCount / x.Dimensions[^1] * y.Dimensions[^1] * op.RowLength,
            OperatorKind.FullyConnected or OperatorKind.DynamicFullyConnected => (long)x.ElementCount * y.Dimensions[^1],
            OperatorKind.BatchMatMul => (long)y.ElementCount * x.Dimensions[^1],
            OperatorKind.UnidirectionalSequenceLstm or OperatorKind.RecurrentCell => (long)y.ElementCount / y.Dimensions[^1] * op.RowCount * op.RowLength,
            _ => 0,
        };
    }

    /// <summary>Weights, and a bias for each output channel.</summary>
    private static long Parameters(Operator op) => op.Kind switch
    {
        // Not by the length of the weights: packed ones have gaps, sparse ones leave weights out.
        OperatorKind.UnidirectionalSequenceLstm or OperatorKind.RecurrentCell => op.RowCount * (op.RowLength + 2L),
        OperatorKind.Embedding => op.WeightsLength,
        OperatorKind.LayerNorm => 2L * op.Outputs[0].Dimensions[^1],
        OperatorKind.Conv2D or OperatorKind.DepthwiseConv2D or OperatorKind.TransposeConv2D or OperatorKind.FullyConnected or OperatorKind.DynamicConv2D or OperatorKind.DynamicFullyConnected => op.Outputs[0].Dimensions[^1] * (op.RowLength + 1L),
        _ => 0,
    };

    /// <summary>Bytes of the arena that hold something needed, for each operator while it runs: what it or a later one reads before it is overwritten, and what it writes.</summary>
    private static int[] RamInUse(Model model)
    {
        int[] used = new int[model.Operators.Length];
        var needed = new IntervalSet();
        foreach (Tensor tensor in model.Outputs.Concat(model.Tensors.Where(t => t.IsState)))
        {
            needed.Add(tensor.ArenaOffset, tensor.ByteCount);
        }

        for (int i = used.Length - 1; i >= 0; i--)
        {
            Operator op = model.Operators[i];
            IntervalSet after = needed.Clone();
            foreach (Tensor output in op.Outputs)
            {
                needed.Remove(output.ArenaOffset, output.ByteCount);
                after.Add(output.ArenaOffset, output.ByteCount);
            }

            foreach (Tensor input in op.Inputs.Concat(model.Tensors.Where(t => t.IsState)))
            {
                needed.Add(input.ArenaOffset, input.ByteCount);
                after.Add(input.ArenaOffset, input.ByteCount);
            }

            used[i] = after.Length + op.PatchBytes;
        }

        return used;
    }
}
