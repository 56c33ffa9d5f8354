namespace TinyInference.Converter.Cli.Recipes;

/// <summary>What a step of a recipe has given.</summary>
/// <param name="Name">Number and verb.</param>
/// <param name="Command">The command line, without folders.</param>
/// <param name="Arithmetic">"float", "int8", or "int16" for trees that read this.</param>
/// <param name="Accuracy">On the test samples, 0 to 1.</param>
/// <param name="Bytes">Of the file.</param>
/// <param name="BlobBytes">Of the blob; of a float model, what it would be with plain conversion now.</param>
/// <param name="RamBytes">Of the blob: arena and scratch.</param>
/// <param name="Seconds">That the step took.</param>
internal sealed record RecipeResult(string Name, string Command, string Arithmetic, double Accuracy, long Bytes, long Parameters, long Macs, long BlobBytes, long RamBytes, double Seconds);
