namespace TinyInference.Converter.Graphs;

/// <summary>One tensor of a <see cref="Graph"/>: an input of the graph, a constant, or the result of one <see cref="Node"/>.</summary>
internal sealed class Value
{
    public Value(string name, ElementType type, Shape shape)
    {
        Name = name;
        Type = type;
        Shape = shape;
    }

    /// <summary>A constant.</summary>
    public Value(string name, Tensor constant)
        : this(name, constant.Type, constant.Shape) => Constant = constant;

    /// <summary>As in the file it came from; unique in the graph.</summary>
    public string Name { get; set; }

    /// <summary>
    /// How elements are stored. A Float32 value with <see cref="Quantization"/> is real-valued, and the quantizer keeps these
    /// parameters for it; an Int8 value with <see cref="Quantization"/> stands for the reals that the parameters give.
    /// </summary>
    public ElementType Type { get; set; }

    public Shape Shape { get; set; }

    public QuantizationParameters? Quantization { get; set; }

    /// <summary>Whether the real scale is that of <see cref="Quantization"/> times a power of two, 2^0 to 2^15, chosen for each input of the network.</summary>
    public bool HasDynamicScale { get; set; }

    /// <summary>The data when this value is known before the network runs.</summary>
    public Tensor? Constant { get; set; }

    public bool IsConstant => Constant is not null;

    public override string ToString() => $"{Name} {Type} {Shape}{(Quantization is null ? "" : " " + Quantization)}";
}
