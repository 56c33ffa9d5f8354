using System.Diagnostics;
using System.Reflection;
using TinyInference.Converter.Data;
using TinyInference.Words;

namespace TinyInference.Converter.Estimation;

/// <summary>
/// Counts the IL instructions that the runtime executes for a blob and an input: exactly, and the same on every machine, because it is
/// the compiled runtime that is counted and not time. (Another compiler may write other instructions.)
/// </summary>
internal sealed class InstructionMeter : IDisposable
{
    private readonly CountingAssembly _runtime;

    public InstructionMeter() => _runtime = new CountingAssembly(typeof(Model).Assembly.Location, typeof(IOperatorObserver).FullName);

    /// <summary>The runtime was compiled with optimization, as for the device; otherwise counts say little.</summary>
    public static bool CountsOptimizedCode => typeof(Model).Assembly.GetCustomAttribute<DebuggableAttribute>() is not { IsJITOptimizerDisabled: true };

    /// <summary>Counts one run. The network has run once before it, so that one-time initialization does not count.</summary>
    /// <param name="blob">A valid blob.</param>
    /// <param name="input">The bytes of all inputs, in the model's order.</param>
    public RunCounts Count(byte[] blob, ReadOnlySpan<byte> input)
    {
        Model model = Model.Load(blob);
        var session = new CountedSession(_runtime.Assembly, blob);
        session.Run(model, input);

        // Whole runs without an observer: on a device there is none either.
        long[] before = _runtime.Snapshot();
        session.Run(model, input);
        long[] after = _runtime.Snapshot();
        InstructionCounts whole = _runtime.Executed(before, after);

        var snapshots = new List<long[]>(2 * model.Operators.Length);
        session.Observer = _runtime.Callback(() => snapshots.Add(_runtime.Snapshot()));
        session.Run(model, input);
        InstructionCounts[] operators = [.. snapshots.Chunk(2).Select(pair => _runtime.Executed(pair[0], pair[1], except: CountedSession.TypeName))];
        foreach (InstructionCounts op in operators)
        {
            whole.Add(op, -1);
        }

        return new RunCounts(operators, whole, _runtime.LibraryCalls(before, after), session.Arena);
    }

    /// <summary>
    /// Counts what a language model executes for one word: <see cref="LanguageModel.StepLogProbability"/>, which is two steps of the network, each with one softmax.
    /// </summary>
    /// <param name="blob">A valid blob of the task "language-model".</param>
    public InstructionCounts CountWord(byte[] blob)
    {
        object session = new CountedSession(_runtime.Assembly, blob).Instance;
        Type type = _runtime.Assembly.GetType(typeof(LanguageModel).FullName!, throwOnError: true)!;
        object model = Activator.CreateInstance(type, session)!;
        var step = type.GetMethod(nameof(LanguageModel.StepLogProbability))!.CreateDelegate<Func<int, int>>(model);
        int word = (int)type.GetProperty(nameof(LanguageModel.Unknown))!.GetValue(model)!;
        step(word);
        long[] before = _runtime.Snapshot();
        step(word);
        return _runtime.Executed(before, _runtime.Snapshot());
    }

    /// <summary>Random bytes for all inputs of a model: the same for the same model everywhere.</summary>
    public static byte[] RandomInput(Model model)
    {
        var random = new SplitMix(42);
        byte[] input = new byte[model.Inputs.Sum(t => t.ByteCount)];
        for (int i = 0; i < input.Length; i++)
        {
            input[i] = (byte)random.Next();
        }

        return input;
    }

    public void Dispose() => _runtime.Dispose();
}
