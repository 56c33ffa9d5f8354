namespace TinyInference.Converter.Emission.CSharp;

/// <summary>A network as C#.</summary>
/// <param name="Files">The class of the network first, then those with its weights.</param>
/// <param name="GeneratedOperators">Names of the operators that became code.</param>
/// <param name="RuntimeOperators">Names of those that run by the runtime's kernels.</param>
/// <param name="RestBlob">What the class must be given for them where it is too large to be in the code; null otherwise.</param>
/// <param name="ArenaBytes">RAM for activations.</param>
internal sealed record CSharpNetwork(IReadOnlyList<CSharpFile> Files, IReadOnlyList<string> GeneratedOperators, IReadOnlyList<string> RuntimeOperators, byte[]? RestBlob, int ArenaBytes)
{
    public int IlBytes => Files.Sum(f => f.IlBytes);
}

/// <summary>What goes into one assembly.</summary>
/// <param name="IlBytes">An estimate, rather a little too much.</param>
internal sealed record CSharpFile(string ClassName, string Text, int IlBytes);
