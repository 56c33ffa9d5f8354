using System.Globalization;
using TinyInference.Converter.Cli.Prediction;
using TinyInference.Converter.Data;
using TinyInference.Converter.Devices;
using TinyInference.Converter.Features;
using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Bench;

/// <summary>What a device says about its model: the answer to "model" (docs/console.md).</summary>
internal sealed record DeviceModel
{
    /// <summary>docs/SPEC.md, limits.</summary>
    private const long MostElements = 1 << 24;

    public required string Name { get; init; }

    /// <summary>8 hex digits.</summary>
    public required string Checksum { get; init; }

    public required int BlobBytes { get; init; }

    public required int ArenaBytes { get; init; }

    public required NetworkTask? Task { get; init; }

    public required InputPreparation? Preparation { get; init; }

    /// <summary>What the bytes of a sample are.</summary>
    public required RawType Data { get; init; }

    public required InputTensor Input { get; init; }

    public required Shape OutputShape { get; init; }

    /// <summary>The output is an index: one plain integer.</summary>
    public required bool OutputIsIndex { get; init; }

    public required string[] Labels { get; init; }

    /// <exception cref="InputException">The device answers something else.</exception>
    public static DeviceModel Ask(DeviceClient client)
    {
        List<string> lines = client.Send("model");
        string Text(string key) => DeviceClient.Value(lines, $"m-model-{key}-") ?? throw Malformed(client, key);
        int Number(string key) => int.TryParse(Text(key), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : throw Malformed(client, key);
        (Shape inputShape, QuantizationParameters? input) = Tensor(client, "input", Text("input"));
        (Shape outputShape, QuantizationParameters? output) = Tensor(client, "output", Text("output"));
        return new DeviceModel
        {
            Name = Text("name"),
            Checksum = Text("crc"),
            BlobBytes = Number("bytes"),
            ArenaBytes = Number("arena"),
            Task = NetworkTasks.Parse(Text("task")),
            Preparation = Text("preparation") is { Length: > 0 } preparation ? InputPreparation.Parse(preparation) : null,
            Data = Enum.TryParse(Text("data"), ignoreCase: true, out RawType data) ? data : throw Malformed(client, "data"),
            Input = new InputTensor("", inputShape, input),
            OutputShape = outputShape,
            OutputIsIndex = output is null && outputShape.ElementCount == 1,
            Labels = [.. lines.Where(l => l.StartsWith("m-model-label-[", StringComparison.Ordinal)).Select(l => l["m-model-label-[".Length..].TrimEnd(']'))],
        };
    }

    /// <summary>"1x49x10x1 1 3f15af17 83": dimensions, type, bits of the scale, zero point.</summary>
    private static (Shape Shape, QuantizationParameters? Quantization) Tensor(DeviceClient client, string key, string text)
    {
        string[] words = text.Split(' ');
        int[] dimensions = [.. words[0].Split('x').Select(d => int.TryParse(d, NumberStyles.None, CultureInfo.InvariantCulture, out int extent) ? extent : 0)];
        if (words.Length != 4
            || dimensions.Any(d => d < 1)
            || dimensions.Aggregate(1L, (product, d) => Math.Min(product * d, long.MaxValue >> 32)) > MostElements
            || !int.TryParse(words[2], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int bits)
            || !int.TryParse(words[3], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int zeroPoint))
        {
            throw Malformed(client, key);
        }

        return (new Shape(dimensions), bits == 0 ? null : new QuantizationParameters(BitConverter.Int32BitsToSingle(bits), zeroPoint));
    }

    private static InputException Malformed(DeviceClient client, string key) =>
        new($"{client.Port}: the device's answer to 'model' has no valid m-model-{key}-[...]; its firmware does not fit this tool");
}
