namespace TinyInference.Converter.Emission;

/// <summary>Keys of <see cref="Graphs.Graph.Metadata"/> that become metadata of the blob; their texts are as docs/SPEC.md has them.</summary>
internal static class MetadataKeys
{
    public const string Labels = "labels";
    public const string InputPreparation = "input";
    public const string Task = "task";
    public const string Features = "features";

    /// <summary>Before these keys in ONNX files, whose other metadata may mean something else by the same words.</summary>
    public const string OnnxPrefix = "tinyinference.";

    public static readonly string[] All = [Labels, InputPreparation, Task, Features];
}
