using System.Text;

namespace TinyInference.Converter.Emission.CSharp;

/// <summary>A method that is being written, with an estimate of its IL: rather a little too much than too little.</summary>
internal sealed class MethodText(string name)
{
    /// <summary>Header, signature of the locals, return.</summary>
    public const int OverheadBytes = 80;

    private readonly StringBuilder _text = new();

    public string Name { get; } = name;

    /// <summary>Bytes of IL.</summary>
    public int IlBytes { get; private set; }

    public void Line(string line, int ilBytes = 0)
    {
        _text.Append(line).Append('\n');
        IlBytes += ilBytes;
    }

    public override string ToString() => _text.ToString();

    /// <summary>Bytes of IL that push a constant of type long.</summary>
    public static int ConstantBytes(long value) => value is >= sbyte.MinValue and <= sbyte.MaxValue ? 3 : value is >= int.MinValue and <= int.MaxValue ? 6 : 9;

    /// <summary>Adds a constant to an index: "at + 5", "at".</summary>
    public static string Plus(string index, int offset) => offset == 0 ? index : $"{index} + {offset}";

    /// <summary>A name as C# and its comments take it, on one line.</summary>
    public static string Comment(string name) => new([.. name.Select(c => char.IsControl(c) || c is '\u2028' or '\u2029' or '\u0085' ? ' ' : c)]);
}
