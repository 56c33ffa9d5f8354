using TinyInference.Converter.Lowering;

namespace TinyInference.Converter.Emission.CSharp;

/// <summary>An operator, or several, that become C#: methods with its weights, and the loop that calls them.</summary>
internal abstract class GeneratedLayer(BlobOperator op, int index)
{
    /// <summary>The first one, or the only one.</summary>
    public BlobOperator Operator { get; } = op;

    /// <summary>All that it computes, one after the other in execution order.</summary>
    public virtual IReadOnlyList<BlobOperator> Operators => [Operator];

    /// <summary>In execution order.</summary>
    public int Index { get; } = index;

    /// <summary>How often the code with the weights runs: what is gained for each byte of it.</summary>
    public abstract int Executions { get; }

    /// <summary>No less IL than this: tells what is far too much before it is written.</summary>
    public abstract long LeastIlBytes { get; }

    /// <summary>Bytes in which windows are gathered; 0 where they are read in place.</summary>
    public virtual int PatchBytes => 0;

    /// <summary>Packed sums that one method hands over to the next.</summary>
    public virtual int Sums => 0;

    /// <summary>Sums of 32 bits that one method hands over to the next.</summary>
    public virtual int WideSums => 0;

    /// <summary>The methods with the weights; no method exceeds <paramref name="mostIlBytes"/> where that can be.</summary>
    public abstract IReadOnlyList<MethodText> WriteMethods(int mostIlBytes);

    /// <summary>The method LayerN, and what else only it needs.</summary>
    /// <param name="text">Where to.</param>
    /// <param name="x">Offset of the input in the arena.</param>
    /// <param name="y">Offset of the output in the arena.</param>
    /// <param name="calls">The methods with the weights, each with its class.</param>
    public abstract void WriteDriver(MethodText text, int x, int y, IReadOnlyList<string> calls);

    /// <summary>What the operator is, for people.</summary>
    protected string Title => MethodText.Comment($"{Operator.Kind} '{Operator.Name}': {Operator.Inputs[0].Shape} -> {Operator.Output.Shape}");
}
