using System;

namespace TinyInference;

/// <summary>A blob that must not be run.</summary>
public sealed class BlobException : Exception
{
    /// <param name="error">What is wrong.</param>
    /// <param name="index">Which tensor or operator it is about; -1 for the blob as a whole.</param>
    public BlobException(BlobError error, int index)
    {
        Error = error;
        Index = index;
    }

    /// <summary>What is wrong.</summary>
    public BlobError Error { get; }

    /// <summary>Which tensor or operator it is about; -1 for the blob as a whole.</summary>
    public int Index { get; }

    /// <inheritdoc/>
    public override string Message => "blob error " + ((int)Error).ToString() + " at " + Index.ToString();
}
