namespace TinyInference.Converter.Passes;

using TinyInference.Converter.Graphs;

/// <summary>An operator with all of its attributes as text: equal texts, equal operators (arrays in records compare by reference).</summary>
internal static class OperatorText
{
    public static string Of(Operator op) => op switch
    {
        Reduce reduce => $"{reduce.Kind}({List(reduce.Axes)};{reduce.KeepDimensions})",
        Pad pad => $"Pad({List(pad.Before)};{List(pad.After)};{pad.Mode};{pad.Value:R})",
        Transpose transpose => $"Transpose({List(transpose.Permutation)})",
        Slice slice => $"Slice({List(slice.Begin)};{List(slice.Step)})",
        // Not a text of all its nodes: each is equal to itself alone.
        TreeEnsemble trees => $"TreeEnsemble({System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(trees)})",
        _ => op.ToString(),
    };

    private static string List(int[] numbers) => string.Join(',', numbers);
}
