using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace TinyInference.Converter.Data;

/// <summary>Samples in memory, as compact as they came; they become float when read. Immutable: threads may share one.</summary>
internal abstract class SampleStore(int count, int elements)
{
    public int Count { get; } = count;

    /// <summary>Numbers in one sample.</summary>
    public int Elements { get; } = elements;

    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    /// <param name="destination">[<see cref="Elements"/>].</param>
    public abstract void Read(int index, Span<float> destination);
}

/// <summary>Samples of bytes inside a file's bytes.</summary>
/// <param name="bytes">Where the samples are.</param>
/// <param name="offset">Of the first element of the first sample.</param>
/// <param name="stride">Bytes from sample to sample.</param>
/// <param name="count">Number of samples.</param>
/// <param name="elements">Bytes in one sample.</param>
/// <param name="signed">The bytes are int8, not uint8.</param>
internal sealed class ByteSamples(byte[] bytes, int offset, int stride, int count, int elements, bool signed) : SampleStore(count, elements)
{
    public override void Read(int index, Span<float> destination)
    {
        ReadOnlySpan<byte> sample = bytes.AsSpan(offset + (index * stride), Elements);
        if (signed)
        {
            TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, sbyte>(sample), destination);
        }
        else
        {
            TensorPrimitives.ConvertTruncating(sample, destination);
        }
    }
}

/// <summary>Samples of float, one after the other.</summary>
/// <param name="values">[count x elements].</param>
/// <param name="elements">Numbers in one sample.</param>
internal sealed class FloatSamples(float[] values, int elements) : SampleStore(values.Length / elements, elements)
{
    public override void Read(int index, Span<float> destination) => values.AsSpan(index * Elements, Elements).CopyTo(destination);
}

/// <summary>Sound of 16 bits; a sample shorter than the rest is followed by silence.</summary>
/// <param name="clips">Each no longer than <paramref name="elements"/>.</param>
/// <param name="elements">16-bit samples in one sample of the data set.</param>
internal sealed class SoundSamples(IReadOnlyList<short[]> clips, int elements) : SampleStore(clips.Count, elements)
{
    public override void Read(int index, Span<float> destination)
    {
        short[] clip = clips[index];
        for (int i = 0; i < clip.Length; i++)
        {
            destination[i] = clip[i] / 32768f;
        }

        destination[clip.Length..Elements].Clear();
    }
}
