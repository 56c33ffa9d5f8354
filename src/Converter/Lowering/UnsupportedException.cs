namespace TinyInference.Converter.Lowering;

/// <summary>A node cannot be expressed in a blob; caught by <see cref="Lowerer"/>, which names all such nodes at once.</summary>
/// <param name="reason">Why, for the user.</param>
internal sealed class UnsupportedException(string reason) : Exception(reason);
