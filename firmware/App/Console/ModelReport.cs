namespace TinyInference.Device;

/// <summary>The answer to "model".</summary>
internal static class ModelReport
{
    private static readonly string[] s_formats = { "int8", "uint8", "float32" };

    /// <summary>The model's name as the protocol wants it: one word.</summary>
    internal static string NameOf(Model model)
    {
        string name = model.GetMetadata(Metadata.Name);
        return name is null || name.Length == 0 ? "unnamed" : name;
    }

    internal static void Write(ModelRunner runner, ReplyWriter reply)
    {
        Model model = runner.Model;
        Text(reply, "name", NameOf(model));
        reply.Text("m-model-crc-[").Hex32(model.Checksum).Line("]");
        Number(reply, "bytes", model.BlobBytes);
        Number(reply, "arena", model.ArenaBytes);
        Number(reply, "scratch", (4 * model.Scratch32) + (8 * model.Scratch64));
        Number(reply, "operators", model.Operators.Length);
        Text(reply, "task", model.GetMetadata(Metadata.Task));
        Text(reply, "preparation", model.GetMetadata(Metadata.InputPreparation));
        Text(reply, "data", s_formats[(int)runner.Sample.Format]);
        Tensors(reply, "input", model.Inputs);
        Tensors(reply, "output", model.Outputs);
        Labels(reply, model.GetMetadata(Metadata.Labels));
    }

    private static void Text(ReplyWriter reply, string key, string text) => reply.Text("m-model-").Text(key).Text("-[").Text(text is null ? "" : text).Line("]");

    private static void Number(ReplyWriter reply, string key, int value) => reply.Text("m-model-").Text(key).Text("-[").Number(value).Line("]");

    /// <summary>Dimensions, element type, the bits of the scale in hex, zero point: "1x49x10x1 1 3f15af35 83".</summary>
    private static void Tensors(ReplyWriter reply, string key, Tensor[] tensors)
    {
        for (int i = 0; i < tensors.Length; i++)
        {
            Tensor tensor = tensors[i];
            reply.Text("m-model-").Text(key).Text("-[");
            for (int d = 0; d < tensor.Dimensions.Length; d++)
            {
                reply.Text(d == 0 ? "" : "x").Number(tensor.Dimensions[d]);
            }

            reply.Text(" ").Number((int)tensor.Type).Text(" ").Hex32((uint)tensor.ScaleBits).Text(" ").Number(tensor.ZeroPoint).Line("]");
        }
    }

    private static void Labels(ReplyWriter reply, string labels)
    {
        string[] names = labels is null ? new string[0] : labels.Split(new[] { '\n' });
        for (int i = 0; i < names.Length; i++)
        {
            Text(reply, "label", names[i]);
        }
    }
}
