using Converter.Tests.Trees;
using Mono.Cecil;
using TinyInference.Converter.Conversion;
using TinyInference.Converter.Emission.CSharp;
using TinyInference.Converter.Estimation;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Import;
using TinyInference.Converter.Quantization;
using TinyInference.IlMeter;
using TinyInference.SideBySide;
using Session = TinyInference.Session;

namespace Converter.Tests.Emission.CSharp;

using Model = TinyInference.Model;


[TestClass]
public class CSharpEmitterTest
{
    private const int Inputs = 8;

    [TestMethod]
    public void A_perceptron_needs_no_runtime_kernel_and_gives_the_bytes_of_its_blob()
    {
        Graph graph = Dense(24, 32, 16, 4);

        CSharpNetwork code = Same(graph);

        Assert.IsEmpty(code.RuntimeOperators);
        Assert.IsNull(code.RestBlob);
    }

    [TestMethod]
    public void Random_perceptrons_give_the_bytes_of_their_blobs() => RandomCases.ForAll(
        random =>
        {
            Graph graph = Dense([random.Next(1, 300), .. Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Next(1, 40))]);
            Prune(graph, random, random.Next(4) * 0.3);
            Same(graph);
        },
        count: 12);

    [TestMethod]
    public void A_softmax_gives_the_bytes_of_its_blob() => RandomCases.ForAll(
        random =>
        {
            int classes = random.Next(2, 33);
            Graph graph = new QuantizedNetwork("mlp", random.Next(), 1, 40).Dense(classes, relu: false).Softmax();
            graph.Nodes[^1].Input(0).Quantization = new QuantizationParameters((float)Math.Pow(2, (random.NextDouble() * 12) - 10), 0);

            Assert.IsEmpty(Same(graph).RuntimeOperators);
        },
        count: 20);

    [TestMethod]
    public void Layer_normalization_gives_the_bytes_of_its_blob() => RandomCases.ForAll(
        random =>
        {
            bool fits = random.Next(4) != 0;
            var network = new QuantizedNetwork("norm", random.Next(), 1, random.Next(1, 6), fits ? random.Next(2, 101) : random.Next(101, 300));
            Graph graph = network.Norm().Logits();
            graph.Inputs[0].Quantization = new QuantizationParameters((float)Math.Pow(10, random.Next(-5, 1)), random.Next(-128, 128));

            Assert.AreEqual(fits ? 0 : 1, Same(graph).RuntimeOperators.Count);
        },
        count: 6);

    [TestMethod]
    public void Random_convolutions_give_the_bytes_of_their_blobs() => RandomCases.ForAll(
        random =>
        {
            var network = new QuantizedNetwork("conv", random.Next(), 1, random.Next(3, 14), random.Next(3, 9), random.Next(1, 6));
            for (int i = random.Next(1, 4); i > 0; i--)
            {
                _ = random.Next(3) == 0 ? network.Depthwise(random.Next(1, 3)) : network.Conv(random.Next(1, 14), random.Next(1, 5), random.Next(1, 3));
            }

            Graph graph = network.Mean().Dense(3, relu: false).Softmax();
            Prune(graph, random, random.Next(3) * 0.4);
            Same(graph);
        },
        count: 12);

    [TestMethod]
    [DataRow(ElementType.Float32)]
    [DataRow(ElementType.Int8)]
    [DataRow(ElementType.Int16)]
    public void Random_trees_give_the_bytes_of_their_blobs(object type) => RandomCases.ForAll(
        random =>
        {
            Graph trees = QuantizedTrees(random, (ElementType)type);
            Assert.IsEmpty(Same(trees).RuntimeOperators);
        },
        count: 8);

    [TestMethod]
    public void Large_trees_are_split_into_methods()
    {
        CSharpNetwork code = Same(QuantizedTrees(new Random(1), ElementType.Int8, 12), new CSharpOptions("Net", MostIlBytes: 1_000));

        StringAssert.Contains(string.Concat(code.Files.Select(f => f.Text)), "Part2");
        Assert.IsTrue(code.Files.Skip(1).All(f => f.IlBytes <= 1_000));
    }

    [TestMethod]
    public void Long_sums_move_to_32_bits()
    {
        CSharpNetwork code = Same(Dense(784, 30, 10));

        StringAssert.Contains(string.Concat(code.Files.Select(f => f.Text)), "wide[0] +=");
    }

    [TestMethod]
    public void Weights_of_zero_leave_no_code()
    {
        Graph graph = Dense(40, 30, 3);
        int dense = CSharpEmitter.Emit(graph, new CSharpOptions("Net")).IlBytes;
        Prune(graph, new Random(3), 1);

        Assert.IsLessThan(dense, 2 * Same(graph).IlBytes);
    }

    [TestMethod]
    public void The_same_network_gives_the_same_text()
    {
        string[] first = [.. CSharpEmitter.Emit(SmallNetworks.DsCnn(), new CSharpOptions("Net")).Files.Select(f => f.Text)];

        CollectionAssert.AreEqual(first, CSharpEmitter.Emit(SmallNetworks.DsCnn(), new CSharpOptions("Net")).Files.Select(f => f.Text).ToArray());
    }

    [TestMethod]
    public void What_exceeds_the_budget_runs_by_the_runtime()
    {
        Graph graph = SmallNetworks.DsCnn();
        CSharpNetwork all = Same(graph);
        CSharpNetwork few = Same(graph, new CSharpOptions("Net", BudgetIlBytes: 9_000));
        CSharpNetwork none = Same(graph, new CSharpOptions("Net", BudgetIlBytes: 1));

        Assert.IsLessThan(all.GeneratedOperators.Count, few.GeneratedOperators.Count);
        Assert.IsEmpty(none.GeneratedOperators);
    }

    [TestMethod]
    public void Each_file_fits_an_assembly()
    {
        var options = new CSharpOptions("Net", MostIlBytes: 20_000);
        CSharpNetwork code = Same(Dense(300, 60, 10), options);

        Assert.IsGreaterThan(3, code.Files.Count);
        byte[][] parts = [.. code.Files.Skip(1).Select(f => CompiledNetwork.Compile(f.ClassName, [f.Text]))];
        byte[] network = CompiledNetwork.Compile("Net", [code.Files[0].Text], parts);
        foreach ((byte[] assembly, CSharpFile file) in parts.Append(network).Zip([.. code.Files.Skip(1), code.Files[0]]))
        {
            using ModuleDefinition module = ModuleDefinition.ReadModule(new MemoryStream(assembly));
            int bytes = module.GetTypes().SelectMany(t => t.Methods).Where(m => m.HasBody).Sum(m => m.Body.CodeSize + 12);
            Console.WriteLine($"{file.ClassName}: {bytes} bytes of IL, estimated {file.IlBytes}");
            Assert.IsInRange(bytes, Math.Min((bytes * 5 / 4) + 200, options.MostIlBytes), file.IlBytes);
        }
    }

    [TestMethod]
    public void Keyword_spotting_is_that_of_TensorFlow_Lite_Micro_at_2_2_instructions_a_MAC()
    {
        byte[] inputs = File.ReadAllBytes(SharedFiles.Path("goldens/kws_ref_model.inputs.bin"));
        byte[] expected = File.ReadAllBytes(SharedFiles.Path("goldens/kws_ref_model.outputs.bin"));
        Graph prepared = NetworkConverter.Prepare(ModelImporter.Load(SharedFiles.Path("models/mlperf-tiny/kws_ref_model.tflite")));
        ConversionResult result = NetworkConverter.Convert(prepared, null, QuantizationOptions.Default);
        CSharpNetwork code = CSharpEmitter.Emit(result.Graph, new CSharpOptions("Kws"));
        HasNoUnsignedVariables(code);
        using CompiledNetwork network = CompiledNetwork.Load(code);
        int length = result.Program.Inputs[0].ByteCount;

        byte[] actual = [.. inputs.Chunk(length).SelectMany(i => (byte[])(Array)network.Run((sbyte[])(Array)i))];

        CollectionAssert.AreEqual(expected, actual);
        double perMac = IlPerMac(result, code, 2_656_768);
        Console.WriteLine($"kws: {perMac:F3} IL per MAC, {code.IlBytes} bytes of IL, arena {code.ArenaBytes}; not code: {string.Join(", ", code.RuntimeOperators)}");
        Assert.IsLessThanOrEqualTo(2.2, perMac);
        Assert.IsLessThanOrEqualTo(256 << 10, code.IlBytes);
    }

    [TestMethod]
    [DataRow(784, 300, 100, 10)]
    [DataRow(24, 64, 32, 4)]
    public void A_perceptron_takes_1_8_instructions_a_MAC(params int[] widths)
    {
        ConversionResult result = NetworkConverter.Emit(Dense(widths));
        CSharpNetwork code = CSharpEmitter.Emit(result.Graph, new CSharpOptions("Net"));

        double perMac = IlPerMac(result, code, widths.Zip(widths.Skip(1)).Sum(p => p.First * p.Second));

        Console.WriteLine($"{string.Join('-', widths)}: {perMac:F3} IL per MAC, {code.IlBytes} bytes of IL");
        Assert.IsLessThanOrEqualTo(1.8, perMac);
    }

    [TestMethod]
    public void Layer_normalization_takes_42_instructions_an_element()
    {
        ConversionResult result = NetworkConverter.Emit(new QuantizedNetwork("norm", 1, 10, 64).Norm().Logits());
        CSharpNetwork code = CSharpEmitter.Emit(result.Graph, new CSharpOptions("Net"));

        double perElement = IlPerMac(result, code, 640);

        Console.WriteLine($"{perElement:F1} IL per element, {code.IlBytes} bytes of IL");
        Assert.IsLessThanOrEqualTo(42, perElement);
    }

    private static double IlPerMac(ConversionResult result, CSharpNetwork code, long macs) =>
        (double)IlCounts.Generated(result, code, InstructionMeter.RandomInput(Model.Load(result.Blob))).Total / macs;

    /// <summary>Asserts that code and blob give the same bytes on random inputs.</summary>
    private static CSharpNetwork Same(Graph graph, CSharpOptions? options = null)
    {
        var session = new Session(Model.Load(NetworkConverter.Emit(graph).Blob));
        CSharpNetwork code = CSharpEmitter.Emit(graph, options ?? new CSharpOptions("Net"));
        using CompiledNetwork network = CompiledNetwork.Load(code);
        var random = new Random(1);
        var expected = new sbyte[session.Model.Outputs[0].ByteCount];
        for (int i = 0; i < Inputs; i++)
        {
            var input = new sbyte[session.Model.Inputs[0].ByteCount];
            random.NextBytes((byte[])(Array)input);
            session.SetInput(0, input);
            session.Run();
            session.GetOutput(0, expected);
            CollectionAssert.AreEqual(expected, network.Run(input));
        }

        return code;
    }

    /// <summary>
    /// The device's interpreter goes by the type that a value was loaded with: what came from a variable of type ulong is shifted without its sign,
    /// whatever it was cast to.
    /// </summary>
    private static void HasNoUnsignedVariables(CSharpNetwork code)
    {
        foreach (CSharpFile file in code.Files)
        {
            Assert.DoesNotMatchRegex(@"\bu(long|int) \w+(;| =)", file.Text);
        }
    }

    private static Graph QuantizedTrees(Random random, ElementType type, int trees = 3)
    {
        TreeEnsemble ensemble = RandomTrees.Ensemble(random, random.Next(1, 20), random.Next(1, 4), trees, random.Next(2) == 0, range: 100);
        Graph graph = RandomTrees.Graph(ensemble);
        graph.Inputs[0].Type = type;
        graph.Inputs[0].Quantization = type == ElementType.Float32 ? null : new QuantizationParameters(type == ElementType.Int8 ? 1f : 0.004f, 0);
        return NetworkConverter.Convert(graph, null, QuantizationOptions.Default).Graph;
    }

    /// <summary>A perceptron of random weights, ReLU but for the last layer.</summary>
    private static Graph Dense(params int[] widths)
    {
        var network = new QuantizedNetwork("mlp", widths[0], 1, widths[0]);
        for (int i = 1; i < widths.Length; i++)
        {
            network.Dense(widths[i], relu: i + 1 < widths.Length);
        }

        return network.Logits();
    }

    /// <summary>Sets a part of the weights to 0, chosen by chance.</summary>
    private static void Prune(Graph graph, Random random, double part)
    {
        foreach (sbyte[] weights in graph.Nodes.Where(n => n.Inputs.Count > 1 && n.Input(1).Constant is { Type: ElementType.Int8 }).Select(n => n.Input(1).Constant!.Int8s))
        {
            for (int i = 0; i < weights.Length; i++)
            {
                weights[i] = random.NextDouble() < part ? (sbyte)0 : weights[i];
            }
        }
    }
}
