namespace TinyInference.Converter.Emission.CSharp;

/// <summary>What generated code may be.</summary>
/// <param name="ClassName">The network's class; an identifier.</param>
/// <param name="MostIlBytes">IL of one assembly: on the device, offsets into an assembly's method bodies have 16 bits.</param>
/// <param name="BudgetIlBytes">IL of all layers: those that do not fit run by the runtime's kernels.</param>
internal sealed record CSharpOptions(string ClassName, int MostIlBytes = CSharpOptions.DeviceIlBytes, int BudgetIlBytes = CSharpOptions.PresetBudget)
{
    public const int DeviceIlBytes = 65_000;

    /// <summary>About what fits a device with 4 MB of flash.</summary>
    public const int PresetBudget = 1_400_000;

    /// <summary>An identifier made of a network's name: "ds-cnn 2" gives "DsCnn2".</summary>
    public static string ToClassName(string name)
    {
        string[] words = new string([.. name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : ' ')]).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string joined = string.Concat(words.Select(w => char.ToUpperInvariant(w[0]) + w[1..]));
        return joined.Length == 0 || char.IsAsciiDigit(joined[0]) ? $"Network{joined}" : joined;
    }
}
