namespace TinyInference.Converter.Commands;

/// <summary>How a file of examples is written, one sentence a line, columns apart by tabs.</summary>
internal enum ExampleFormat
{
    /// <summary>intent, sentence with its slots marked.</summary>
    Marked,

    /// <summary>intent, sentence, JSON list of [slot, words] in the order of the sentence (Snips).</summary>
    Snips,

    /// <summary>scenario, intent, sentence, sentence with its slots marked (HWU64, SLURP); the intent is both.</summary>
    Hwu64,
}
