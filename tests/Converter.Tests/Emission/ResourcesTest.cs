using TinyInference.Converter.Emission;
using TinyInference.Converter.Lowering;
using TinyInference.Converter.Planning;

namespace Converter.Tests.Emission;

using TinyInference;
using TinyInference.Converter;
using TinyInference.Converter.Graphs;

[TestClass]
public class ResourcesTest
{
    [TestMethod]
    public void Resources_and_states_come_back_from_a_blob()
    {
        BlobProgram program = Accumulator();
        program.Resources.Add(new BlobResource(Resource.Features, [1, 2, 3, 4, 5]));
        program.Resources.Add(new BlobResource(900, []));
        program.Resources.Add(new BlobResource(Resource.Words, [6]));
        Model model = Model.Load(BlobWriter.ToBytes(program, MemoryPlanner.Plan(program)));
        CollectionAssert.AreEqual(new byte[] { 1, 2, 3, 4, 5 }, Bytes(model.GetResource(Resource.Features)));
        CollectionAssert.AreEqual(Array.Empty<byte>(), Bytes(model.GetResource(900)));
        CollectionAssert.AreEqual(new byte[] { 6 }, Bytes(model.GetResource(Resource.Words)));
        Assert.IsTrue(model.Tensors[1].IsState);
        Assert.IsFalse(model.Tensors[0].IsState);
    }

    [TestMethod]
    public void A_state_shares_its_bytes_with_no_tensor_at_any_time()
    {
        BlobProgram program = Accumulator();
        MemoryPlan plan = MemoryPlanner.Plan(program);
        BlobTensor state = program.Tensors[1];
        foreach (BlobTensor other in program.Tensors.Where(t => t != state))
        {
            Assert.IsTrue(plan.Offsets[other] >= plan.Offsets[state] + state.ByteCount || plan.Offsets[state] >= plan.Offsets[other] + other.ByteCount, other.Name);
        }
    }

    [TestMethod]
    public void Too_many_resources_are_an_error()
    {
        BlobProgram program = Accumulator();
        program.Resources.AddRange(Enumerable.Range(0, 33).Select(i => new BlobResource(i, [])));
        Assert.ThrowsExactly<InputException>(() => BlobWriter.ToBytes(program, MemoryPlanner.Plan(program)));
    }

    /// <summary>Tables before and after an addition to the state, which as the last operators' tensors would otherwise share its bytes.</summary>
    private static BlobProgram Accumulator()
    {
        var program = new BlobProgram();
        var quantization = new QuantizationParameters(0.5f, 3);
        BlobTensor Tensor(string name, bool isState = false) => new(name, TensorType.Int8, new Shape(4), quantization) { IsState = isState };
        BlobTensor[] tensors = [Tensor("x"), Tensor("state", true), Tensor("a"), Tensor("b"), Tensor("c")];
        program.Tensors.AddRange(tensors);
        program.Inputs.Add(tensors[0]);
        program.Outputs.Add(tensors[4]);
        BlobOperator Lookup(int from, int to) => new(OperatorKind.Lookup, $"lookup{to}", [tensors[from]], tensors[to]) { Weights = new sbyte[256] };
        int[] add = [20, 0, 1 << 30, 0, 0, 1 << 30, 0, 0, 1 << 30, -18, -128, 127, 1, 4, 1, 1];
        program.Operators.AddRange([Lookup(0, 2), new BlobOperator(OperatorKind.Add, "add", [tensors[2], tensors[1]], tensors[3]) { Parameters = add }, Lookup(3, 4)]);
        return program;
    }

    private static byte[] Bytes(Resource resource) => resource.Bytes[resource.Start..(resource.Start + resource.Length)];
}
