namespace TinyInference.Converter.Import.TfLite;

using TinyInference.Converter.Graphs;

/// <summary>
/// Finds SPACE_TO_BATCH_ND, convolution, BATCH_TO_SPACE_ND, by which TensorFlow writes a dilated convolution, and makes one
/// dilated convolution of the three. Cropping an output row takes away one row of padding, because the stride is 1.
/// </summary>
internal static class DilatedConvolutions
{
    private const int Valid = 1;

    /// <summary>The file's operators with such triples replaced; others stay as they are.</summary>
    public static List<OperatorEntry> Fold(TfLiteFile file, TensorValues values)
    {
        if (!file.Operators.Any(static o => o.Builtin == BuiltinOperator.SPACE_TO_BATCH_ND))
        {
            return [.. file.Operators];
        }

        ILookup<int, OperatorEntry> readers = file.Operators.SelectMany(static o => o.Inputs.Select(i => (i, o))).ToLookup(static p => p.i, static p => p.o);
        HashSet<int> outputs = [.. file.Outputs];
        var replaced = new Dictionary<OperatorEntry, OperatorEntry?>(ReferenceEqualityComparer.Instance);
        foreach (OperatorEntry first in file.Operators)
        {
            if (first.Builtin == BuiltinOperator.SPACE_TO_BATCH_ND
                && OnlyReader(outputs, readers, first) is { } convolution && HasPlainWindow(convolution)
                && OnlyReader(outputs, readers, convolution) is { Builtin: BuiltinOperator.BATCH_TO_SPACE_ND } last
                && Window(values, first, last) is { } window)
            {
                replaced[first] = null;
                replaced[convolution] = convolution with { Inputs = [first.Inputs[0], .. convolution.Inputs[1..]], Outputs = last.Outputs, Dilated = window };
                replaced[last] = null;
            }
        }

        return [.. file.Operators.Select(o => replaced.GetValueOrDefault(o, o)).OfType<OperatorEntry>()];
    }

    /// <summary>The operator that alone reads the only output, as its first input.</summary>
    private static OperatorEntry? OnlyReader(HashSet<int> outputs, ILookup<int, OperatorEntry> readers, OperatorEntry entry) =>
        entry.Outputs is [int output] && !outputs.Contains(output) && readers[output].Take(2).ToArray() is [{ Inputs: [int input, ..] } reader] && input == output
            ? reader
            : null;

    /// <summary>A convolution without stride, dilation and padding of its own.</summary>
    private static bool HasPlainWindow(OperatorEntry entry)
    {
        FlatTable o = entry.Options;
        return entry.Builtin switch
        {
            BuiltinOperator.CONV_2D => o.Byte(0) == Valid && o.Int32(1) == 1 && o.Int32(2) == 1 && o.Int32(4, 1) == 1 && o.Int32(5, 1) == 1,
            BuiltinOperator.DEPTHWISE_CONV_2D => o.Byte(0) == Valid && o.Int32(1) == 1 && o.Int32(2) == 1 && o.Int32(5, 1) == 1 && o.Int32(6, 1) == 1,
            _ => false,
        };
    }

    /// <summary>Dilation and padding that do the same; null where there are none.</summary>
    private static Window? Window(TensorValues values, OperatorEntry first, OperatorEntry last)
    {
        if (Integers(values, first, 1) is not [int h, int w] || Integers(values, last, 1) is not [int h2, int w2] || h != h2 || w != w2
            || Integers(values, first, 2) is not { Length: 4 } pads || Integers(values, last, 2) is not { Length: 4 } crops)
        {
            return null;
        }

        long[] rest = [.. pads.Zip(crops, static (p, c) => (long)p - c)];
        return rest.Any(static r => r is < 0 or > int.MaxValue / 4)
            ? null
            : new Window(1, 1, 1, 1, h, w, (int)rest[0], (int)rest[1], (int)rest[2], (int)rest[3]);
    }

    private static int[]? Integers(TensorValues values, OperatorEntry entry, int input)
    {
        if (entry.Inputs.Length <= input || entry.Inputs[input] == -1 || values.Unsupported(entry.Inputs[input]) is not null)
        {
            return null;
        }

        Value value = values[entry.Inputs[input]];
        return value.Type is ElementType.Int32 or ElementType.Int64 ? value.Constant?.ToInt32s() : null;
    }
}
