using System.Buffers.Binary;
using System.Globalization;
using TinyInference.Converter.Cli.Prediction;
using TinyInference.Converter.Data;
using TinyInference.Converter.Devices;
using TinyInference.Converter.Features;
using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Bench;

/// <summary>A device's model, run over the line on one sample after the other. Notes the time of each inference.</summary>
internal sealed class DeviceNetwork(DeviceClient client, DeviceModel model) : INetwork
{
    private readonly Lock _lock = new();
    private readonly List<long> _microseconds = [];

    public string File => client.Port;

    public string Arithmetic => "int8";

    public InputTensor Input => model.Input;

    public Shape OutputShape => OutputIsError ? new Shape(1) : model.OutputShape;

    public bool OutputIsIndex => model.OutputIsIndex;

    public bool OutputIsError => model.Task == NetworkTask.Reconstruction && model.OutputShape.ElementCount == model.Input.Shape.ElementCount;

    public string[] Labels => model.Labels;

    public NetworkTask? Task => model.Task;

    public InputPreparation? Preparation => model.Preparation;

    /// <summary>Of each inference, in order, as the device measured it.</summary>
    public IReadOnlyList<long> Microseconds => _microseconds;

    public Predictor CreatePredictor() => (input, output) =>
    {
        // There is one line, and threads that come with a sample wait for it.
        byte[] bytes = ToBytes(input);
        lock (_lock)
        {
            client.Load("db", $"{bytes.Length}", bytes);
            List<string> reply = client.Send("infer 1 0", TimeSpan.FromMinutes(5));
            _microseconds.Add(Elapsed(reply));
            ReadResults(reply, output);
        }
    };

    /// <summary>Runs many inferences on the sample that was loaded last.</summary>
    /// <returns>Microseconds.</returns>
    public long Repeat(int inferences) => Elapsed(client.Send($"infer {inferences} 0", TimeSpan.FromHours(1)));

    /// <summary>Between the two laps.</summary>
    private long Elapsed(List<string> reply)
    {
        const string Lap = "m-lap-us-";
        long[] laps = [.. reply.Where(l => l.StartsWith(Lap, StringComparison.Ordinal))
            .Select(l => long.TryParse(l.AsSpan(Lap.Length), NumberStyles.None, CultureInfo.InvariantCulture, out long time) ? time : -1)];
        return laps.Length == 2 && laps[0] >= 0 && laps[1] >= laps[0]
            ? laps[1] - laps[0]
            : throw new InputException($"{client.Port}: the reply to 'infer' does not have two laps, one before and one after");
    }

    private void ReadResults(List<string> reply, Span<float> output)
    {
        string[] numbers = DeviceClient.Value(reply, "m-results-")?.Split(',') ?? [];
        if (numbers.Length != output.Length)
        {
            throw new InputException($"{client.Port}: gives {numbers.Length} results, {output.Length} were expected");
        }

        for (int i = 0; i < numbers.Length; i++)
        {
            output[i] = float.TryParse(numbers[i], NumberStyles.Float, CultureInfo.InvariantCulture, out float value) ? value : float.NaN;
        }
    }

    /// <summary>The bytes that the device makes this input from.</summary>
    private byte[] ToBytes(ReadOnlySpan<float> real)
    {
        if (model.Data == RawType.Int8 && model.Input.Quantization is { } quantization)
        {
            return [.. real.ToArray().Select(x => (byte)(sbyte)Math.Clamp(
                Math.Round((double)(x / quantization.Scale), MidpointRounding.AwayFromZero) + quantization.ZeroPoint, sbyte.MinValue, sbyte.MaxValue))];
        }

        float[] data = real.ToArray();
        model.Preparation?.Undo(data);
        if (model.Data == RawType.UInt8 && Array.TrueForAll(data, IsByte))
        {
            return Array.ConvertAll(data, x => (byte)MathF.Round(x));
        }

        // What are no whole brightnesses goes as reals, which every device takes.
        byte[] bytes = new byte[4 * data.Length];
        for (int i = 0; i < data.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(4 * i), data[i]);
        }

        return bytes;
    }

    private static bool IsByte(float x) => x is > -0.01f and < 255.01f && MathF.Abs(x - MathF.Round(x)) < 0.01f;
}
