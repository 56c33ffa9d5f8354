using TinyInference.Converter.Conversion;
using TinyInference.Converter.Emission.CSharp;
using TinyInference.Converter.Estimation;

namespace TinyInference.SideBySide;

/// <summary>Executed IL instructions of one inference by ways that are not only the runtime's.</summary>
internal static class IlCounts
{
    /// <summary>The generated code, and what the runtime's kernels execute for the other operators.</summary>
    public static InstructionCounts Generated(ConversionResult result, CSharpNetwork code, byte[] input)
    {
        string path = Path.Combine(Path.GetTempPath(), $"generated-{Environment.ProcessId}.dll");
        File.WriteAllBytes(path, CompiledNetwork.Compile("Counted", code.Files.Select(f => f.Text)));
        try
        {
            using var counting = new CountingAssembly(path);
            CompiledNetwork network = CompiledNetwork.In(code, counting.Assembly);
            network.SetInput((sbyte[])(Array)input);
            return With(counting, network.Run, result.Blob, input, i => code.RuntimeOperators.Contains(result.Program.Operators[i].Name));
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary><see cref="NaiveNetwork"/>, and what the runtime's kernels execute for the other operators.</summary>
    /// <param name="plain">A blob with plain kernels.</param>
    public static InstructionCounts Naive(byte[] plain, byte[] input)
    {
        using var counting = new CountingAssembly(typeof(NaiveNetwork).Assembly.Location);
        var session = new Session(Model.Load(plain));
        object network = Activator.CreateInstance(counting.Assembly.GetType(typeof(NaiveNetwork).FullName!, throwOnError: true)!, session)!;
        Action run = network.GetType().GetMethod(nameof(NaiveNetwork.Run))!.CreateDelegate<Action>(network);
        return With(counting, run, plain, input, i => !NaiveNetwork.Computes(session.Model.Operators[i].Kind));
    }

    private static InstructionCounts With(CountingAssembly counting, Action run, byte[] blob, byte[] input, Func<int, bool> isOfRuntime)
    {
        run();
        long[] before = counting.Snapshot();
        run();
        InstructionCounts sum = counting.Executed(before, counting.Snapshot());
        using var meter = new InstructionMeter();
        InstructionCounts[] operators = [.. meter.Count(blob, input).Operators];
        for (int i = 0; i < operators.Length; i++)
        {
            if (isOfRuntime(i))
            {
                sum.Add(operators[i]);
            }
        }

        return sum;
    }
}
