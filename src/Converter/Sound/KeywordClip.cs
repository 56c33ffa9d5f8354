namespace TinyInference.Converter.Sound;

/// <summary>A word, a noise or silence, for training or test.</summary>
/// <param name="Sound">16 kHz, -1 to 1; recorded ones as they were, synthesised ones without the silence around the word.</param>
/// <param name="Label">Index of the class.</param>
/// <param name="Synthesised">A program spoke it.</param>
internal sealed record KeywordClip(float[] Sound, int Label, bool Synthesised);
