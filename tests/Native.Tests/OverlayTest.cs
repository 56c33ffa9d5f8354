using Converter.Tests.Planning;
using TinyInference;
using TinyInference.Converter.Emission;
using TinyInference.Converter.Lowering;
using TinyInference.Converter.Planning;

namespace Native.Tests;

/// <summary>Native kernels whose output overwrites what they have read, as the converter's plans have it, against managed ones with tensors apart.</summary>
[TestClass]
public class OverlayTest
{
    [TestMethod]
    public void An_output_at_the_guard_before_the_input_gives_the_same_bytes()
    {
        NativeKernel native = NativeLibrary.Run;
        var random = new Random(11);
        int overlaid = 0;
        for (int i = 0; i < 3_000; i++)
        {
            BlobProgram program = RandomProgram.Chain(random, 1, 20);
            if (OverlayGuard.Of(program.Operators[0], 0) is { } guard)
            {
                int seed = random.Next();
                sbyte[] expected = Run(BlobWriter.ToBytes(program, RandomProgram.Separate(program)), null, seed);
                CollectionAssert.AreEqual(expected, Run(BlobWriter.ToBytes(program, RandomProgram.Overlaid(program, guard)), native, seed), $"case {i}: {program.Operators[0]}");
                overlaid++;
            }
        }

        Assert.IsTrue(overlaid > 1_500, $"{overlaid}");
    }

    private static sbyte[] Run(byte[] blob, NativeKernel? native, int seed)
    {
        var session = new Session(Model.Load(blob), native!);
        var input = new sbyte[session.Model.Inputs[0].ByteCount];
        new Random(seed).NextBytes((byte[])(Array)input);
        session.SetInput(0, input);
        session.Run();
        var output = new sbyte[session.Model.Outputs[0].ByteCount];
        session.GetOutput(0, output);
        return output;
    }
}
