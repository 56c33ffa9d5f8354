namespace TinyInference.Converter.Emission.CSharp;

/// <summary>What a variable that stands for an activation can be.</summary>
/// <param name="Least">Its least value.</param>
/// <param name="Most">Its largest value.</param>
/// <param name="Base">What must be added to it to give the activation.</param>
internal readonly record struct InputRange(int Least, int Most, int Base)
{
    /// <summary>An activation as it is in the arena.</summary>
    public static InputRange Int8 => new(sbyte.MinValue, sbyte.MaxValue, 0);
}
