using TinyInference.Converter.Cli.Reports;
using TinyInference.Converter.Conversion;
using TinyInference.Converter.Emission.CSharp;
using TinyInference.Converter.Estimation;
using TinyInference.Converter.Lowering;
using TinyInference.IlMeter;

namespace TinyInference.SideBySide;

using TinyInference.Converter.Graphs;

/// <summary>One way to run a network.</summary>
/// <param name="Way">Its name in the table.</param>
/// <param name="Run">One inference.</param>
/// <param name="Output">The first output of the last one.</param>
/// <param name="Count">What one inference executes.</param>
/// <param name="Device">The same for a device.</param>
internal sealed record Contender(string Way, Action Run, Func<sbyte[]> Output, Func<InstructionCounts> Count, NanoProgram Device)
{
    public const string Naive = "naive loop";
    public const string Generated = "generated";

    /// <summary>All ways, fed with the same random input.</summary>
    /// <param name="macs">Of the dense network.</param>
    public static IReadOnlyList<Contender> All(Graph graph, out long macs)
    {
        ConversionResult plain = NetworkConverter.Emit(graph, KernelPreference.Plain);
        ConversionResult balanced = NetworkConverter.Emit(graph, KernelPreference.Balanced);
        ConversionResult speed = NetworkConverter.Emit(graph, KernelPreference.Speed);
        Model model = Model.Load(plain.Blob);
        byte[] input = InstructionMeter.RandomInput(model);
        macs = BlobReport.Create(model, graph.Name).Operators.Sum(o => o.Macs);
        return
        [
            NaiveLoop(plain.Blob, input),
            Blob("--kernels plain", plain.Blob, input),
            Blob("--kernels balanced", balanced.Blob, input),
            Blob("--kernels speed", speed.Blob, input),
            Code(balanced, input),
        ];
    }

    private static Contender NaiveLoop(byte[] blob, byte[] input)
    {
        Session session = Start(blob, input);
        var network = new NaiveNetwork(session);
        return new Contender(
            Naive,
            Feeding(session, input, network.Run),
            () => Output0(session),
            () => IlCounts.Naive(blob, input),
            NanoProgram.Naive(blob, input, Output0(session).Length));
    }

    private static Contender Blob(string way, byte[] blob, byte[] input)
    {
        Session session = Start(blob, input);
        return new Contender(
            way,
            Feeding(session, input, session.Run),
            () => Output0(session),
            () => InstructionCounts.Sum(NetworkCounts.Measure(way, blob, input).Operators.Select(o => o.Counts)),
            NanoProgram.Blob(blob, input, Output0(session).Length));
    }

    private static Contender Code(ConversionResult result, byte[] input)
    {
        CSharpNetwork code = CSharpEmitter.Emit(result.Graph, new CSharpOptions("GeneratedNetwork"));
        CompiledNetwork network = CompiledNetwork.Load(code);
        var data = (sbyte[])(Array)input;
        network.SetInput(data);
        return new Contender(
            Generated,
            () =>
            {
                network.SetInput(data);
                network.Run();
            },
            network.Output,
            () => IlCounts.Generated(result, code, input),
            NanoProgram.Generated(code, input, network.Output().Length));
    }

    private static Session Start(byte[] blob, byte[] input)
    {
        var session = new Session(Model.Load(blob));
        session.SetInput(0, (sbyte[])(Array)input);
        return session;
    }

    /// <summary>A run may reuse its input's bytes: they come anew each time, for every way.</summary>
    private static Action Feeding(Session session, byte[] input, Action run) => () =>
    {
        session.SetInput(0, (sbyte[])(Array)input);
        run();
    };

    private static sbyte[] Output0(Session session)
    {
        var output = new sbyte[session.Model.Outputs[0].ByteCount];
        session.GetOutput(0, output);
        return output;
    }
}
