using System.Reflection;
using TinyInference.Converter.Data;

namespace TinyInference.Converter.Estimation;

/// <summary>Instructions that the runtime executes to turn sound into features.</summary>
/// <param name="Frame">For one frame, the samples' way into it included.</param>
/// <param name="Read">To hand all frames to the network once.</param>
internal sealed record FeatureCounts(InstructionCounts Frame, InstructionCounts Read);

/// <summary>Counts <see cref="FeatureCounts"/>: exactly, and the same on every machine, for noise (the count depends on the sound by less than a hundredth).</summary>
internal static class FeatureMeter
{
    private const int Repetitions = 20;

    /// <param name="model">Null is returned where its blob holds no tables for sound.</param>
    public static FeatureCounts? Count(Model model)
    {
        if (FeatureTables.Of(model) is not { } tables)
        {
            return null;
        }

        Resource resource = model.GetResource(Resource.Features);
        using var runtime = new CountingAssembly(typeof(Model).Assembly.Location);
        object counted = Create(runtime.Assembly, typeof(FeatureTables), resource.Bytes, resource.Start, resource.Length);
        object stream = Create(runtime.Assembly, typeof(FrameStream), counted);
        var push = stream.GetType().GetMethod(nameof(FrameStream.Push))!.CreateDelegate<Func<short[], int, int, int>>(stream);
        var read = stream.GetType().GetMethod(nameof(FrameStream.Read))!.CreateDelegate<Action<sbyte[], int>>(stream);
        var input = new sbyte[tables.Frames * tables.Width];
        var random = new SplitMix(42);
        short[] sound = [.. Enumerable.Range(0, tables.WindowSamples + (tables.Frames * tables.StepSamples)).Select(_ => (short)random.Next())];

        // All frames hold sound before anything counts.
        push(sound, 0, sound.Length);
        read(input, 0);
        long[] before = runtime.Snapshot();
        for (int i = 0; i < Repetitions; i++)
        {
            push(sound, 0, tables.StepSamples);
        }

        long[] between = runtime.Snapshot();
        read(input, 0);
        InstructionCounts frames = runtime.Executed(before, between);
        return new FeatureCounts(frames.DividedBy(Repetitions), runtime.Executed(between, runtime.Snapshot()));
    }

    private static object Create(Assembly runtime, Type type, params object[] arguments) =>
        Activator.CreateInstance(runtime.GetType(type.FullName!, throwOnError: true)!, arguments)!;
}
