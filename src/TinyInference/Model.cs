using System.IO;
using System.Text;

namespace TinyInference;

/// <summary>
/// A network, loaded from a blob and validated. It holds no activations: any number of <see cref="Session"/> objects may
/// run it, one at a time when the weights come from a stream.
/// </summary>
public sealed class Model
{
    private readonly byte[] _metadata;
    private readonly int _metadataStart;
    private readonly int _metadataLength;
    private readonly Resources _resources;

    internal Model(BlobHeader header, byte[] metadata, int metadataStart, Tensor[] tensors, Tensor[] inputs, Tensor[] outputs, Operator[] operators, WeightStream weightStream, Resources resources)
    {
        _metadata = metadata;
        _metadataStart = metadataStart;
        _metadataLength = header.MetadataBytes;
        BlobBytes = header.FileBytes;
        Checksum = header.Checksum;
        ArenaBytes = header.ArenaBytes;
        Scratch32 = header.Scratch32;
        Scratch64 = header.Scratch64;
        LargestWeights = header.LargestWeights;
        Tensors = tensors;
        Inputs = inputs;
        Outputs = outputs;
        Operators = operators;
        WeightStream = weightStream;
        _resources = resources;
    }

    /// <summary>Length of the blob in bytes.</summary>
    public int BlobBytes { get; }

    /// <summary>The CRC-32 that the blob states, and that its bytes were found to have.</summary>
    public uint Checksum { get; }

    /// <summary>Bytes that a session needs for activations.</summary>
    public int ArenaBytes { get; }

    /// <summary>32-bit integers that a session needs beside the arena.</summary>
    public int Scratch32 { get; }

    /// <summary>64-bit integers that a session needs beside the arena.</summary>
    public int Scratch64 { get; }

    /// <summary>Bytes of the largest weights of one operator: what reading weights from a stream needs.</summary>
    public int LargestWeights { get; }

    /// <summary>All activations, in the order of the blob; not to be changed.</summary>
    public Tensor[] Tensors { get; }

    /// <summary>The tensors to fill before a run; not to be changed.</summary>
    public Tensor[] Inputs { get; }

    /// <summary>The tensors to read after a run; not to be changed.</summary>
    public Tensor[] Outputs { get; }

    /// <summary>The steps in execution order; not to be changed.</summary>
    public Operator[] Operators { get; }

    /// <summary>Where weights are read from at each run; null when they are in memory.</summary>
    internal WeightStream WeightStream { get; }

    /// <summary>Loads a blob and leaves its weights where they are: <paramref name="blob"/> must not change afterwards.</summary>
    /// <exception cref="BlobException">The bytes are no valid blob.</exception>
    public static Model Load(byte[] blob) => ModelReader.Read(blob);

    /// <summary>
    /// Loads a blob from a stream, from its present position on, front to back. The weights of each operator go into an array of their own,
    /// so that no large piece of free memory is needed; or they stay in the stream.
    /// </summary>
    /// <param name="stream">Read to the blob's end. With <paramref name="keepWeightsInStream"/> it must be able to seek and stay open.</param>
    /// <param name="keepWeightsInStream">Read each operator's weights anew whenever it runs: slower, needs memory for the largest ones only.</param>
    /// <exception cref="BlobException">The bytes are no valid blob.</exception>
    public static Model Load(Stream stream, bool keepWeightsInStream) => ModelReader.Read(stream, keepWeightsInStream);

    /// <summary>The text with a tag of <see cref="Metadata"/>, or null where the blob has none.</summary>
    public string GetMetadata(int tag)
    {
        int position = _metadataStart;
        int end = position + _metadataLength;
        while (position < end)
        {
            int entryTag = _metadata[position] | (_metadata[position + 1] << 8);
            int length = _metadata[position + 2] | (_metadata[position + 3] << 8);
            if (entryTag == tag)
            {
                return Encoding.UTF8.GetString(_metadata, position + 4, length);
            }

            position += (4 + length + 3) & ~3;
        }

        return null;
    }

    /// <summary>
    /// The bytes with a tag of <see cref="Resource"/>, or null where the blob has none. Of a blob whose weights stay in the stream they are read anew
    /// at each call, into an array of their own; otherwise nothing is copied.
    /// </summary>
    /// <exception cref="BlobException">The stream has become shorter.</exception>
    public Resource GetResource(int tag) => _resources.Get(tag);
}
