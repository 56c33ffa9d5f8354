using System;

namespace TinyInference.Device;

/// <summary>A sample, converted to the bytes of the model's first input.</summary>
internal sealed class Sample
{
    private readonly Tensor _tensor;
    private readonly Preparation _preparation;
    private readonly float _scale;
    private readonly sbyte[] _input;
    private byte[] _reals;

    internal Sample(Model model)
    {
        _tensor = model.Inputs[0];
        _preparation = new Preparation(model.GetMetadata(Metadata.InputPreparation));
        _scale = _tensor.ScaleBits == 0 ? 1 : Real.FromBits(_tensor.ScaleBits);
        _input = new sbyte[_tensor.ByteCount];
        Clear();
    }

    /// <summary>What the tensor takes.</summary>
    internal sbyte[] Input => _input;

    /// <summary>The longest sample: each element a real.</summary>
    internal int MostBytes => _tensor.ElementCount * 4;

    /// <summary>What samples are expected to be.</summary>
    internal SampleFormat Format => _preparation.Format;

    /// <summary>The bytes of a sample in the expected format.</summary>
    internal int ExpectedBytes => Format == SampleFormat.Float32 ? MostBytes : Format == SampleFormat.UInt8 ? _tensor.ElementCount : _tensor.ByteCount;

    /// <summary>Whether a sample of this length can be converted: of the expected format, or reals.</summary>
    internal bool Fits(int bytes) => bytes == ExpectedBytes || bytes == MostBytes;

    /// <summary>Element <paramref name="index"/> of the sample as the real that the network is meant to see.</summary>
    internal float RealAt(int index)
        => _reals is null && _tensor.Type == TensorType.Float32 ? Real.FromBits(TensorElements.Read(_input, 0, _tensor.Type, index))
        : _reals is null ? _scale * (TensorElements.Read(_input, 0, _tensor.Type, index) - _tensor.ZeroPoint) : _preparation.Apply(BitConverter.ToSingle(_reals, index * 4), index);

    /// <summary>Converts <paramref name="bytes"/>, which <see cref="Fits"/>; reals are kept by reference, to compare an output with them.</summary>
    internal void Set(byte[] bytes)
    {
        // An int32 tensor has as many bytes as reals: what the metadata state decides.
        bool areElements = bytes.Length == ExpectedBytes && Format == SampleFormat.Int8;
        bool arePixels = bytes.Length == ExpectedBytes && Format == SampleFormat.UInt8;
        _reals = areElements || arePixels ? null : bytes;
        if (areElements)
        {
            for (int i = 0; i < bytes.Length; i++)
            {
                _input[i] = (sbyte)bytes[i];
            }
        }
        else if (arePixels)
        {
            SetPixels(bytes);
        }
        else
        {
            for (int i = 0; i < _tensor.ElementCount; i++)
            {
                float real = _preparation.Apply(BitConverter.ToSingle(bytes, i * 4), i);
                TensorElements.Write(_input, _tensor.Type, i, _tensor.Type == TensorType.Float32 ? Real.ToBits(real) : Quantized(real));
            }
        }
    }

    /// <summary>All real zeros.</summary>
    private void Clear()
    {
        for (int i = 0; i < _tensor.ElementCount; i++)
        {
            TensorElements.Write(_input, _tensor.Type, i, _tensor.ZeroPoint);
        }
    }

    /// <summary>There are 256 brightnesses and many pixels.</summary>
    private void SetPixels(byte[] bytes)
    {
        var table = new int[256];
        for (int i = 0; i < 256; i++)
        {
            table[i] = _tensor.Type == TensorType.Float32 ? Real.ToBits(_preparation.Apply(i, 0)) : Quantized(_preparation.Apply(i, 0));
        }

        for (int i = 0; i < bytes.Length; i++)
        {
            TensorElements.Write(_input, _tensor.Type, i, table[bytes[i]]);
        }
    }

    private int Quantized(float real)
        => Real.Quantize(real, _scale, _tensor.ZeroPoint, TensorElements.Smallest(_tensor.Type), TensorElements.Largest(_tensor.Type));
}
