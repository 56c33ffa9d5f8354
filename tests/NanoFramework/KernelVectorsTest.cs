#nullable disable

namespace TinyInference.Emulator;

/// <summary>Every kernel, and a small network as a whole, against stored vectors.</summary>
[TestClass]
public class KernelVectorsTest
{
    [TestMethod]
    public void Every_kernel_gives_the_stored_bytes()
    {
        for (int i = 0; i < Vectors.Blobs.Length; i++)
        {
            var session = new Session(Model.Load(Vectors.Blobs[i]));
            Fill(session, Vectors.Inputs[i]);

            // Twice: a run must not depend on what the one before left.
            session.Run();
            session.ResetState();
            Fill(session, Vectors.Inputs[i]);
            session.Run();
            Assert.IsTrue(HasOutput(session, Vectors.Outputs[i]), Vectors.Names[i]);
        }
    }

    internal static void Fill(Session session, byte[] inputs)
    {
        int position = 0;
        for (int i = 0; i < session.Model.Inputs.Length; i++)
        {
            Tensor tensor = session.Model.Inputs[i];
            for (int k = 0; k < tensor.ByteCount; k++)
            {
                session.Arena[tensor.ArenaOffset + k] = (sbyte)inputs[position];
                position++;
            }
        }
    }

    internal static bool HasOutput(Session session, byte[] expected)
    {
        Tensor tensor = session.Model.Outputs[0];
        if (tensor.ByteCount != expected.Length)
        {
            return false;
        }

        for (int i = 0; i < expected.Length; i++)
        {
            if ((byte)session.Arena[tensor.ArenaOffset + i] != expected[i])
            {
                return false;
            }
        }

        return true;
    }
}
