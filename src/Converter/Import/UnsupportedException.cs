namespace TinyInference.Converter.Import;

/// <summary>
/// One node asks for what the importer cannot express. Caught within the importer, which goes on and names all such nodes at once.
/// </summary>
internal sealed class UnsupportedException(string message) : Exception(message);
