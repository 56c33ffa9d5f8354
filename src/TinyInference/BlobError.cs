namespace TinyInference;

/// <summary>What is wrong with a blob. Numbers instead of texts: on a device a message costs flash.</summary>
public enum BlobError : byte
{
    /// <summary>Fewer bytes than the header or its sections state.</summary>
    Truncated = 1,

    /// <summary>The first four bytes are not "TINF".</summary>
    Magic = 2,

    /// <summary>A format version that this reader does not know.</summary>
    Version = 3,

    /// <summary>The checksum does not match the bytes.</summary>
    Checksum = 4,

    /// <summary>Sizes or counts in the header contradict each other or exceed the limits.</summary>
    Header = 5,

    /// <summary>A metadata entry reaches beyond its section or appears twice.</summary>
    Metadata = 6,

    /// <summary>A tensor has an unknown type, a bad shape, or lies outside the arena.</summary>
    Tensor = 7,

    /// <summary>An operator's record is malformed or reaches beyond its section.</summary>
    Operator = 8,

    /// <summary>An operator kind or weight encoding that this runtime does not have.</summary>
    UnknownOperator = 9,

    /// <summary>An operator's tensors do not have the types or shapes that its kind asks for.</summary>
    Shape = 10,

    /// <summary>A parameter of an operator is outside its range.</summary>
    Parameter = 11,

    /// <summary>An operator's weights, biases or multipliers are missing, too many, or outside the blob.</summary>
    Weights = 12,

    /// <summary>A resource has a tag for the second time, lies outside the blob, or does not hold what its tag promises.</summary>
    Resource = 13,
}
