namespace TinyInference.Converter.Lowering;

using TinyInference.Converter.Graphs;

/// <summary>An activation of a <see cref="BlobProgram"/>.</summary>
internal sealed class BlobTensor
{
    public BlobTensor(string name, TensorType type, Shape shape, QuantizationParameters? quantization, BlobTensor? storage = null, int offset = 0)
    {
        Name = name;
        Type = type;
        Shape = shape;
        Quantization = quantization;
        Storage = storage?.Storage ?? this;
        StorageOffset = storage is null ? 0 : storage.StorageOffset + offset;
    }

    /// <summary>The name of the value it came from, or one derived from it.</summary>
    public string Name { get; }

    public TensorType Type { get; }

    public Shape Shape { get; }

    /// <summary>One scale and zero point; null for plain integers.</summary>
    public QuantizationParameters? Quantization { get; }

    /// <summary>The tensor whose bytes these are: itself, or what it is another shape or some rows of.</summary>
    public BlobTensor Storage { get; }

    /// <summary>Where in <see cref="Storage"/> it begins, in bytes.</summary>
    public int StorageOffset { get; }

    /// <summary>Whether it keeps its value from run to run; an operator reads it as an input and writes it too.</summary>
    public bool IsState { get; init; }

    public int ByteCount => Shape.ElementCount * ElementSize;

    /// <summary>Bytes of an element, and what its offset must be a multiple of.</summary>
    public int ElementSize => Type switch
    {
        TensorType.Int32 or TensorType.Float32 => 4,
        TensorType.Int16 => 2,
        _ => 1,
    };

    /// <summary>One scale for all elements, as every int8 activation has.</summary>
    public float Scale => Quantization!.Scale;

    public int ZeroPoint => Quantization!.ZeroPoint;

    public override string ToString() => $"{Name} {Type} {Shape}";
}
