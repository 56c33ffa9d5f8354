using TinyInference.Converter.Language;

namespace TinyInference.Converter.Cli.Language;

/// <summary>Language models and texts by the names that the user gave.</summary>
internal static class LanguageFiles
{
    /// <exception cref="InputException">The file cannot be read, or is no blob with a language model.</exception>
    public static LanguageBlobFile Load(string path) => LanguageBlobFile.Load(BlobFile.Load(path), path);

    /// <summary>Measures a blob on sentences.</summary>
    /// <param name="numbers">The blob's number of each word of the sentences' vocabulary.</param>
    public static double Perplexity(this Screen screen, LanguageBlobFile blob, IReadOnlyList<int[]> sentences, int[] numbers, CancellationToken cancellation)
    {
        int[][] translated = [.. sentences.Select(s => Array.ConvertAll(s, word => numbers[word]))];
        return screen.Work($"measuring {translated.Length:N0} sentences", progress => blob.Perplexity(translated, progress, cancellation));
    }
}
