using Google.Protobuf;

namespace TinyInference.Converter.Import.Onnx;

using TinyInference.Converter.Graphs;
using TinyInference.Converter.Import.Onnx.Schema;

/// <summary>
/// Reads ONNX models, opset 9 to 21. Each node becomes operators of ours on its own: where an operator wants channels last,
/// it gets transposes around it, which the graph passes remove. Weights are permuted and shape arithmetic is computed here.
/// </summary>
internal static class OnnxImporter
{
    private const int OldestOpset = 9;
    private const int NewestOpset = 25;

    /// <summary>
    /// Whether a file that begins so may be ONNX: a protobuf message whose first field is one of those that exporters put first.
    /// The format has no magic number.
    /// </summary>
    public static bool Recognises(ReadOnlySpan<byte> start) => start.Length >= 4 && start[0] switch
    {
        // ir_version: a small varint, then the key of another field of the model.
        0x08 => start[1] is > 0 and < 0x40 && IsModelKey(start[2..]),
        // opset_import, graph (a model without ir_version is not valid, but is worth a message of ours).
        0x42 or 0x3A => IsModelKey(start),
        _ => false,
    };

    /// <param name="fileName">For messages.</param>
    /// <param name="folder">Where the model's external data lies; null when there is none.</param>
    /// <param name="constants">Data of graph inputs that operators need to know in advance (axes, weights): used where there is such a need.</param>
    /// <param name="inputShapes">Shapes of graph inputs, in place of what the file says of them.</param>
    /// <exception cref="InputException">The file is malformed, or asks for what is not supported.</exception>
    public static Graph Import(
        byte[] file, string fileName, string? folder,
        IReadOnlyDictionary<string, Tensor>? constants = null, IReadOnlyDictionary<string, Shape>? inputShapes = null)
    {
        try
        {
            ModelProto model = Parse(file);
            CheckModel(model);
            return new OnnxModelImport(model, new OnnxTensorReader(folder), constants, inputShapes).Run();
        }
        catch (InputException e)
        {
            throw new InputException($"{fileName}: {e.Message}", e);
        }
    }

    private static bool IsModelKey(ReadOnlySpan<byte> at) => at[0] is 0x12 or 0x1A or 0x22 or 0x28 or 0x32 or 0x3A or 0x42 or 0x72;

    private static ModelProto Parse(byte[] file)
    {
        try
        {
            return ModelProto.Parser.WithDiscardUnknownFields(true).ParseFrom(file);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InputException($"not an ONNX model, or a damaged one: {e.Message}", e);
        }
    }

    private static void CheckModel(ModelProto model)
    {
        if (model.Graph is null || model.Graph.Node.Count + model.Graph.Output.Count == 0)
        {
            throw new InputException("not an ONNX model: there is no graph in it");
        }

        if (model.OpsetImport.Count == 0)
        {
            throw new InputException("the model does not say its opset; export it again");
        }

        foreach (OperatorSetIdProto opset in model.OpsetImport)
        {
            if (opset.Domain is "" or "ai.onnx" && opset.Version is < OldestOpset or > NewestOpset)
            {
                throw new InputException($"the model is of opset {opset.Version}; {OldestOpset} to {NewestOpset} are supported: export it again with opset 13 or 17");
            }
        }
    }
}
