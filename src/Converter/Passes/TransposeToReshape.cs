namespace TinyInference.Converter.Passes;

using TinyInference.Converter.Graphs;

/// <summary>A Transpose that moves only dimensions of one element leaves every element where it is: a Reshape.</summary>
internal sealed class TransposeToReshape : LocalPass
{
    public override string Description => "turns Transposes that move no element into Reshape";

    protected override bool TryRewrite(GraphRewriter rewriter, Node node)
    {
        if (node.Operator is not Transpose transpose || !Permutation.MovesNothing(transpose.Permutation, node.Input(0).Shape))
        {
            return false;
        }

        rewriter.Replace(node, new Node(node.Name, new Reshape(), [node.Input(0)], [node.Output]));
        return true;
    }
}
