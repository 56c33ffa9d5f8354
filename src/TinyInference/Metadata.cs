namespace TinyInference;

/// <summary>Tags of the texts that a blob carries beside the network.</summary>
public static class Metadata
{
    /// <summary>The network's name.</summary>
    public const int Name = 1;

    /// <summary>Names of the classes, apart by line feeds.</summary>
    public const int Labels = 2;

    /// <summary>How a sample becomes the input tensor: key=value, apart by semicolons.</summary>
    public const int InputPreparation = 3;

    /// <summary>Names of the operators, apart by line feeds.</summary>
    public const int OperatorNames = 4;

    /// <summary>Names of the tensors, apart by line feeds.</summary>
    public const int TensorNames = 5;

    /// <summary>What the network is for: classification, reconstruction, regression.</summary>
    public const int Task = 6;

    /// <summary>Layers that are executed patch by patch: their first operator, how many operators, stripes and more multiplications, apart by commas; such groups by semicolons.</summary>
    public const int Patches = 7;

    /// <summary>Names of the numbers that make a sample, apart by line feeds; of words "column=word", 1 for that word and 0 for others.</summary>
    public const int FeatureNames = 10;
}
