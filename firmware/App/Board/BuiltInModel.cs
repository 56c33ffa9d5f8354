using System;
using System.IO;
using System.Resources;
using nanoFramework.Runtime.Native;

namespace TinyInference.App;

/// <summary>
/// The blob that is built in as resource "Model" (Resources.resx), as a stream. It stays in flash: each read copies the piece that it asks for.
/// </summary>
internal sealed class BuiltInModel : Stream
{
    private const int HeaderBytes = 64;
    private const int FileBytesOffset = 8;

    // The name in the manifest: root namespace and file, without ".nanoresources".
    private static readonly ResourceManager s_manager = new("TinyInference.App.Resources", typeof(BuiltInModel).Assembly);

    private long _position;

    public BuiltInModel()
    {
        var header = (byte[])ResourceUtility.GetObject(s_manager, Id.Model, 0, HeaderBytes);
        Length = BitConverter.ToInt32(header, FileBytesOffset);
    }

    /// <summary>A resource's identifier is a hash of its name, by the metadata processor.</summary>
    private enum Id : short
    {
        Model = 30387,
    }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length { get; }

    public override long Position
    {
        get => _position;
        set => _position = value;
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        int left = (int)(Length - _position);
        if (count > left)
        {
            count = left;
        }

        if (count <= 0)
        {
            return 0;
        }

        var piece = (byte[])ResourceUtility.GetObject(s_manager, Id.Model, (int)_position, count);
        Array.Copy(piece, 0, buffer, offset, piece.Length);
        _position += piece.Length;
        return piece.Length;
    }

    public override int Read(SpanByte buffer) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin)
    {
        long from = origin == SeekOrigin.Begin ? 0 : origin == SeekOrigin.Current ? _position : Length;
        _position = from + offset;
        return _position;
    }

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
