namespace TinyInference.Converter.Cli;

/// <summary>What a blob says beside its numbers.</summary>
internal static class BlobText
{
    /// <summary>The lines of a metadata entry; none where it is absent or empty.</summary>
    public static string[] Lines(Model model, int tag) => model.GetMetadata(tag) is { Length: > 0 } text ? text.Split('\n') : [];

    /// <summary>The scale of a tensor, or null where its elements are plain integers.</summary>
    public static float? Scale(Tensor tensor) => tensor.ScaleBits == 0 ? null : BitConverter.Int32BitsToSingle(tensor.ScaleBits);
}
