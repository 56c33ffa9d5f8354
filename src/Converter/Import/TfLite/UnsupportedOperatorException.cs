namespace TinyInference.Converter.Import.TfLite;

/// <summary>
/// An operator that is well formed but beyond this importer; the message says why. <see cref="TfLiteImporter"/> gathers them, so
/// that the user reads of all of them at once.
/// </summary>
internal sealed class UnsupportedOperatorException(string message) : Exception(message);
