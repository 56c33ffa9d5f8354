using TinyInference.Converter.Conversion;
using TinyInference.Converter.Emission;
using TinyInference.Converter.Import;
using TinyInference.Converter.Lowering;
using TinyInference.Converter.Planning;
using TinyInference.Converter.Planning.Patches;

namespace Converter.Tests.Planning;

using TinyInference;

/// <summary>Layers in stripes of rows: the same bytes, less RAM.</summary>
[TestClass]
public class PatchesTest
{
    [TestMethod]
    public void Stripes_give_the_bytes_of_whole_layers()
    {
        int cut = 0;
        RandomCases.ForAll(random =>
        {
            BlobProgram program = RandomProgram.Chain(random, random.Next(2, 7));
            int first = random.Next(program.Operators.Count - 1);
            int last = random.Next(first + 1, program.Operators.Count);
            if (StripeRewriter.Rewrite(program, first, last, random.Next(2, 6)) is not { } stripes)
            {
                return;
            }

            cut++;
            int seed = random.Next();
            sbyte[] expected = PlanReplay.Run(BlobWriter.ToBytes(program, RandomProgram.Separate(program)), seed);
            CollectionAssert.AreEqual(expected, PlanReplay.Run(BlobWriter.ToBytes(stripes, RandomProgram.Separate(stripes)), seed), "in bytes of their own");
            MemoryPlan plan = MemoryPlanner.Plan(stripes, PlanEffort.Quick);
            PlanReplay.Check(stripes, plan);
            CollectionAssert.AreEqual(expected, PlanReplay.Run(BlobWriter.ToBytes(stripes, plan), seed), "as planned");
        }, 400);
        Console.WriteLine($"{cut} programs cut");
        Assert.IsTrue(cut > 100, $"only {cut} programs could be cut");
    }

    [TestMethod]
    [DataRow("vww_96_int8", 32_000, 0.2)]
    [DataRow("pretrainedResnet_quant", 40_000, 0.0)]
    [DataRow("pretrainedResnet_quant", 28_000, 0.2)]
    public void Networks_fit_a_limit_and_give_their_goldens(string name, int mostBytes, double mostExtraMacs)
    {
        byte[] inputs = File.ReadAllBytes(SharedFiles.Path($"goldens/{name}.inputs.bin"));
        byte[] expected = File.ReadAllBytes(SharedFiles.Path($"goldens/{name}.outputs.bin"));
        ConversionResult plain = NetworkConverter.Emit(NetworkConverter.Prepare(ModelImporter.Load(SharedFiles.Path($"models/mlperf-tiny/{name}.tflite"))));

        ConversionResult result = NetworkConverter.LowerRam(plain, mostBytes);

        long macs = plain.Program.Operators.Sum(RowOperator.Macs);
        long extra = result.Program.Operators.Sum(RowOperator.Macs) - macs;
        Console.WriteLine($"{name}: {result.Plan.TotalBytes} bytes of {plain.Plan.TotalBytes}, {extra} more MACs of {macs}, blob {result.Blob.Length} of {plain.Blob.Length}");
        Assert.IsTrue(result.Plan.TotalBytes <= mostBytes, $"{result.Plan.TotalBytes} bytes");
        Assert.AreEqual(extra, result.Program.Patches.Sum(p => p.ExtraMacs));
        Assert.IsTrue(extra <= mostExtraMacs * macs, $"{extra} more MACs");
        PlanReplay.Check(result.Program, result.Plan);
        CollectionAssert.AreEqual(expected, Outputs(new Session(Model.Load(result.Blob)), inputs), "from memory");
        CollectionAssert.AreEqual(expected, Outputs(new Session(Model.Load(new MemoryStream(result.Blob), keepWeightsInStream: true)), inputs), "weights read as layers run");
        CollectionAssert.AreEqual(PlanReplay.Run(plain.Blob, 1), PlanReplay.Run(result.Blob, 1), "with what nobody needs overwritten");
    }

    [TestMethod]
    public void Stripes_of_a_layer_share_its_weights()
    {
        BlobProgram program = RandomProgram.Chain(new Random(3), 4);
        BlobProgram stripes = Enumerable.Range(0, 3).Select(i => StripeRewriter.Rewrite(program, i, i + 1, 2)).First(p => p is not null)!;
        Model whole = Model.Load(BlobWriter.ToBytes(program, MemoryPlanner.Plan(program)));
        Model cut = Model.Load(BlobWriter.ToBytes(stripes, MemoryPlanner.Plan(stripes)));
        Assert.AreEqual(whole.Operators.Sum(o => o.WeightsLength), cut.Operators.Where(o => !o.SharesWeights).Sum(o => o.WeightsLength));
        Assert.IsTrue(cut.Operators.Any(o => o.SharesWeights));
    }

    [TestMethod]
    public void A_network_that_is_small_enough_stays_as_it_is()
    {
        BlobProgram program = RandomProgram.Chain(new Random(5), 5);
        (BlobProgram same, _) = PatchSearch.Run(program, MemoryPlanner.Plan(program).TotalBytes, CancellationToken.None);
        Assert.AreSame(program, same);
    }

    [TestMethod]
    [DataRow("2,8,4,18432", 1)]
    [DataRow("2,8,4,18432;10,2,2,0", 2)]
    [DataRow("2,8,4", 0)]
    [DataRow("2,11,4,1", 0)]
    [DataRow("9223372036854775807,1,1,1", 0)]
    [DataRow("2,8,0,1", 0)]
    [DataRow("x", 0)]
    [DataRow(null, 0)]
    public void What_metadata_say_of_patches_is_checked(string? text, int groups)
    {
        PatchedOperators[] parsed = PatchedOperators.Parse(text, 12);
        Assert.HasCount(groups, parsed);
        Assert.AreEqual(groups == 0 ? "" : text, string.Join(';', parsed.Select(p => p.ToText())));
    }

    private static byte[] Outputs(Session session, byte[] inputs)
    {
        var input = new sbyte[session.Model.Inputs[0].ByteCount];
        var output = new sbyte[session.Model.Outputs[0].ByteCount];
        var outputs = new List<byte>();
        for (int start = 0; start < inputs.Length; start += input.Length)
        {
            Buffer.BlockCopy(inputs, start, input, 0, input.Length);
            session.SetInput(0, input);
            session.Run();
            session.GetOutput(0, output);
            outputs.AddRange((byte[])(Array)output);
        }

        return [.. outputs];
    }
}
