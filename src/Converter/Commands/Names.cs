namespace TinyInference.Converter.Commands;

/// <summary>Names of intents and slots.</summary>
internal static class Names
{
    /// <summary>UTF-8 bytes that a name may have.</summary>
    public const int MostLength = 60;

    public static bool IsName(string text) => text.Length is > 0 and <= MostLength && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.');
}
