using System.IO;

namespace TinyInference;

/// <summary>Reads the weights of one operator at a time from where the blob is stored, into one buffer.</summary>
internal sealed class WeightStream
{
    private readonly Stream _stream;
    private readonly long _weightsStart;
    private readonly byte[] _buffer;
    private readonly long[] _packed;

    /// <param name="stream">Must be able to seek.</param>
    /// <param name="weightsStart">Where the weights section begins in the stream.</param>
    /// <param name="largestWeights">The most bytes that an operator has.</param>
    /// <param name="largestPacked">The most 64-bit integers that a kernel wants an operator's weights as.</param>
    internal WeightStream(Stream stream, long weightsStart, int largestWeights, int largestPacked)
    {
        _stream = stream;
        _weightsStart = weightsStart;
        _buffer = new byte[largestWeights];
        _packed = new long[largestPacked];
    }

    /// <summary>Fills the buffer with the weights of <paramref name="op"/> and hands it to it.</summary>
    /// <exception cref="BlobException">The stream has become shorter, or holds another sparse table that leads outside.</exception>
    internal void Fetch(Operator op)
    {
        _stream.Seek(_weightsStart + op.WeightsOffset, SeekOrigin.Begin);
        ReadNext(op);
    }

    /// <summary>As <see cref="Fetch"/>, for a stream that is already at the weights of <paramref name="op"/>.</summary>
    internal void ReadNext(Operator op)
    {
        ModelReader.ReadExactly(_stream, _buffer, op.WeightsLength);
        op.Weights = _buffer;
        op.WeightsStart = 0;
        op.AcceptWeights(_packed);
    }
}
