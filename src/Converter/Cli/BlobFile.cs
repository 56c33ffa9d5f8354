namespace TinyInference.Converter.Cli;

/// <summary>Blobs on disk.</summary>
internal static class BlobFile
{
    /// <summary>docs/SPEC.md, limits.</summary>
    public const int MaximumBytes = 256 << 20;

    /// <summary>The file begins as a blob does. Anything else, readable or not, is left to whoever reads models.</summary>
    public static bool IsBlob(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            Span<byte> magic = stackalloc byte[4];
            return stream.ReadAtLeast(magic, 4, throwOnEndOfStream: false) == 4 && magic.SequenceEqual("TINF"u8);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return false;
        }
    }

    /// <exception cref="InputException">The file cannot be read or is no valid blob.</exception>
    public static Model Load(string path)
    {
        byte[] bytes = Files.Read(path, MaximumBytes);
        try
        {
            return Model.Load(bytes);
        }
        catch (BlobException e)
        {
            throw new InputException($"{path}: {Explain(e)}", e);
        }
    }

    private static string Explain(BlobException e) => e.Error switch
    {
        BlobError.Truncated => "is cut off; copy it again",
        BlobError.Magic => $"is no blob (it does not begin with \"TINF\"); make one with '{Tool.Name} convert'",
        BlobError.Version => "has a format version that this tool does not know; use a newer tool",
        BlobError.Checksum => "is damaged (its checksum does not match); copy it again",
        BlobError.Header => "is damaged: sizes in its header contradict each other or exceed the limits",
        BlobError.Metadata => "is damaged: a metadata entry is malformed",
        BlobError.Tensor => $"is damaged: tensor {e.Index} is malformed",
        BlobError.Operator => $"is damaged: operator {e.Index} is malformed",
        BlobError.UnknownOperator => $"needs a newer tool: operator {e.Index} is of a kind that this one does not know",
        BlobError.Shape => $"is damaged: the tensors of operator {e.Index} do not fit it",
        BlobError.Parameter => $"is damaged: a parameter of operator {e.Index} is outside its range",
        BlobError.Weights => $"is damaged: weights of operator {e.Index} are missing or outside the blob",
        _ => e.Message,
    };
}
