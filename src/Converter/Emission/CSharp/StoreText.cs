namespace TinyInference.Converter.Emission.CSharp;

/// <summary>
/// The statement that requantizes a sum and stores it. Variables are signed, and only operations are not: nanoFramework's interpreter goes by the type
/// that a value was loaded with, and shifts what came from a variable of type ulong without its sign whatever it was cast to.
/// </summary>
internal static class StoreText
{
    private const int IlBytes = 78;
    private const int ExactIlBytes = 30;

    /// <summary>A limb of the packed sum "s", 21 bits without a sign: in the topmost bits of "u", or, the third, of "s" itself.</summary>
    /// <param name="limb">0 to 2.</param>
    /// <param name="offset">What must be added to the limb to give the sum.</param>
    public static void Limb(MethodText text, string target, int limb, long offset, ChannelScale scale)
    {
        if (limb == 2)
        {
            Write(text, target, "s", "s", "(s >> 42)", "(s >> 42)", t => $"{(t - offset) << 42}L", offset, scale);
            return;
        }

        int left = limb == 0 ? 43 : 22;
        Write(text, target, $"(ulong)(u = s << {left})", "(ulong)u", "(long)((ulong)u >> 43)", $"(long)((ulong)s << {left} >> 43)", t => $"{(ulong)(t - offset) << 43}UL", offset, scale);
    }

    /// <summary>A limb of "s" as <see cref="Limb"/> takes it: its result less the least one in "v", and a block that runs where that is above 0.</summary>
    /// <param name="text">Where to.</param>
    /// <param name="limb">0 to 2.</param>
    /// <param name="offset">What must be added to the limb to give the sum.</param>
    /// <param name="scale">Of the channel; rounds once.</param>
    /// <param name="use">Writes what the block does with "v".</param>
    public static void IfAboveLeast(MethodText text, int limb, long offset, ChannelScale scale, Action use)
    {
        int left = limb == 0 ? 43 : 22;
        bool isTop = limb == 2;
        string Threshold(long t) => isTop ? $"{(t - offset) << 42}L" : $"{(ulong)(t - offset) << 43}UL";
        string compared = scale.IsNeverMax ? $"(ulong)s << {left}" : $"(ulong)(u = s << {left})";
        string sum = isTop ? "(s >> 42)" : scale.IsNeverMax ? $"(long)((ulong)s << {left} >> 43)" : "(long)((ulong)u >> 43)";
        string result = $"(({sum} * {scale.Factor}L) + {Literal(unchecked(scale.Addend - ((long)scale.Min << scale.Shift) + (offset * scale.Factor)))}) >> {scale.Shift}";
        string high = scale.IsNeverMax ? "" : $"{(isTop ? "s" : scale.IsNeverMin ? compared : "(ulong)u")} >= {Threshold(scale.High)} ? {scale.Max - scale.Min}L : ";
        text.Line(scale.IsNeverMin ? "        {" : $"        if ({(isTop ? "s" : compared)} >= {Threshold(scale.Low)})\n        {{", 22);
        text.Line($"            v = {high}{result};", 50);
        use();
        text.Line("        }");
    }

    /// <summary>A sum in the variable "v" of type int.</summary>
    public static void Wide(MethodText text, string target, long offset, ChannelScale scale) =>
        Write(text, target, "v", "v", "v", "v", t => $"{t - offset}", offset, scale);

    /// <param name="text">Where to.</param>
    /// <param name="target">What is assigned.</param>
    /// <param name="first">What is compared first.</param>
    /// <param name="again">What is compared next.</param>
    /// <param name="value">The sum less the offset, after a comparison.</param>
    /// <param name="direct">The same without a comparison before it.</param>
    /// <param name="threshold">A sum as it is compared.</param>
    /// <param name="offset">What must be added to the value.</param>
    /// <param name="scale">Of the channel.</param>
    private static void Write(MethodText text, string target, string first, string again, string value, string direct, Func<long, string> threshold, long offset, ChannelScale scale)
    {
        string min = $"(sbyte){scale.Min}";
        string max = $"(sbyte){scale.Max}";
        bool hasMin = !scale.IsNeverMin;
        bool hasMax = !scale.IsNeverMax;
        string middle = Middle(hasMin || hasMax ? value : direct, offset, scale, out bool isExact);
        string high = hasMax ? $"{(hasMin ? again : first)} >= {threshold(scale.High)} ? {max} : " : "";
        string low = hasMin ? $"{first} < {threshold(scale.Low)} ? {min} : " : "";
        text.Line($"        {target} = {low}{high}{middle};", IlBytes + (isExact ? ExactIlBytes : 0));
    }

    private static string Middle(string value, long offset, ChannelScale scale, out bool isExact)
    {
        isExact = !scale.RoundsOnce;
        if (!isExact)
        {
            // The products may exceed 64 bits, their sum does not.
            return $"(sbyte)((({value} * {scale.Factor}L) + {Literal(unchecked(scale.Addend + (offset * scale.Factor)))}) >> {scale.Shift})";
        }

        string high = $"((({value} * {(long)scale.Multiplier}L) + {Literal(unchecked((1L << 30) + (offset * scale.Multiplier)))}) >> 31)";
        return scale.SecondShift == 0
            ? $"(sbyte)({high} + {Literal(scale.ZeroPoint)})"
            : $"(sbyte)((((h = {high}) + {1L << (scale.SecondShift - 1)}L + (h >> 63)) >> {scale.SecondShift}) + {Literal(scale.ZeroPoint)})";
    }

    /// <summary>A constant of type long, in parentheses where it has a sign.</summary>
    public static string Literal(long value) => value < 0 ? $"({value}L)" : $"{value}L";
}
