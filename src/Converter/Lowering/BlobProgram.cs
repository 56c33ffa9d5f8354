using TinyInference.Converter.Planning.Patches;

namespace TinyInference.Converter.Lowering;

/// <summary>A network as the blob will hold it, before its tensors have their places in the arena.</summary>
internal sealed class BlobProgram
{
    /// <summary>The position of patchOffset among the parameters of CONV_2D: the one parameter that the memory planner decides.</summary>
    public const int PatchParameter = 13;

    public string Name { get; init; } = "";

    /// <summary>Every activation, those that share bytes too.</summary>
    public List<BlobTensor> Tensors { get; } = [];

    public List<BlobTensor> Inputs { get; } = [];

    public List<BlobTensor> Outputs { get; } = [];

    /// <summary>In execution order.</summary>
    public List<BlobOperator> Operators { get; } = [];

    /// <summary>The graph's metadata: texts by key.</summary>
    public Dictionary<string, string> Metadata { get; } = [];

    /// <summary>What the blob carries beside the network, in this order; no tag twice.</summary>
    public List<BlobResource> Resources { get; } = [];

    /// <summary>Which operators are layers executed patch by patch, in execution order.</summary>
    public List<PatchedOperators> Patches { get; } = [];

    public int Scratch32 => Operators.Count == 0 ? 0 : Operators.Max(o => o.Scratch32);

    public int Scratch64 => Operators.Count == 0 ? 0 : Operators.Max(o => o.Scratch64);
}
