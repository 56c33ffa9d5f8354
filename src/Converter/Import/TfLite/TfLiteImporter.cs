namespace TinyInference.Converter.Import.TfLite;

using TinyInference.Converter.Graphs;

/// <summary>Reads TensorFlow Lite files (schema version 3, subgraph 0): float networks, and networks already quantized to int8.</summary>
internal static class TfLiteImporter
{
    /// <summary>Whether the bytes begin as a TensorFlow Lite file: the identifier "TFL3" at offset 4.</summary>
    public static bool Recognises(ReadOnlySpan<byte> bytes) => bytes.Length >= 8 && bytes.Slice(4, 4).SequenceEqual("TFL3"u8);

    /// <param name="file">The whole file.</param>
    /// <param name="fileName">For messages and for the graph's name.</param>
    /// <exception cref="InputException">The file is damaged, or uses what is not supported; all unsupported operators are named.</exception>
    public static Graph Import(byte[] file, string fileName)
    {
        if (!Recognises(file))
        {
            throw new InputException($"{fileName}: not a TensorFlow Lite file (no \"TFL3\" at offset 4)");
        }

        var source = new TfLiteFile(file, Path.GetFileName(fileName));
        return new SubgraphImport(source, Path.GetFileNameWithoutExtension(fileName)).Run();
    }
}
