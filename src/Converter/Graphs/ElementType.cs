namespace TinyInference.Converter.Graphs;

/// <summary>What one element of a tensor is stored as.</summary>
internal enum ElementType
{
    Float32,
    Int8,
    UInt8,
    Int16,
    Int32,
    Int64,
    Bool,
}

internal static class ElementTypes
{
    /// <summary>Bytes of one element.</summary>
    public static int Size(this ElementType type) => type switch
    {
        ElementType.Int8 or ElementType.UInt8 or ElementType.Bool => 1,
        ElementType.Int16 => 2,
        ElementType.Int64 => 8,
        _ => 4,
    };
}
