namespace TinyInference.Converter;

/// <summary>
/// What the user gave cannot be used. The message says what was wrong, where (file, operator name, tensor) and what to do;
/// the tool prints it after "error: " and exits with code 1.
/// </summary>
internal sealed class InputException(string message, Exception? inner = null) : Exception(message, inner);
