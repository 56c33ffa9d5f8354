using TinyInference.Converter.Lowering;
using TinyInference.Converter.Planning;

namespace Converter.Tests.Planning;

using TinyInference;

/// <summary>Runs programs, and checks by other means than the planner's that what an operator reads is still there.</summary>
internal static class PlanReplay
{
    /// <summary>Goes through a program with, for each byte of the arena, what was written there last: each operator finds every byte of its inputs.</summary>
    public static void Check(BlobProgram program, MemoryPlan plan)
    {
        var arena = new (BlobTensor? Storage, int At)[plan.ArenaBytes];
        program.Inputs.ForEach(Write);
        for (int i = 0; i < program.Operators.Count; i++)
        {
            BlobOperator op = program.Operators[i];
            if (op.PatchBytes > 0)
            {
                Array.Clear(arena, plan.PatchOffsets[i], op.PatchBytes);
            }

            Array.ForEach(op.Inputs, t => Read(t, op.ToString()));
            Write(op.Output);
            if (op.PatchBytes > 0)
            {
                Assert.IsTrue(plan.PatchOffsets[i] + op.PatchBytes <= plan.Offsets[op.Output] || plan.Offsets[op.Output] + op.Output.ByteCount <= plan.PatchOffsets[i], $"{op} gathers where it writes");
            }
        }

        program.Outputs.ForEach(t => Read(t, "the end"));

        void Write(BlobTensor tensor)
        {
            for (int k = 0; k < tensor.ByteCount; k++)
            {
                arena[plan.Offsets[tensor] + k] = (tensor.Storage, tensor.StorageOffset + k);
            }
        }

        void Read(BlobTensor tensor, string reader)
        {
            for (int k = 0; k < tensor.ByteCount; k++)
            {
                Assert.AreEqual((tensor.Storage, tensor.StorageOffset + k), arena[plan.Offsets[tensor] + k], $"{reader} reads byte {k} of {tensor}");
            }
        }
    }

    /// <summary>The outputs for one random input, where after each operator every byte that nobody needs any more is overwritten at random.</summary>
    public static sbyte[] Run(byte[] blob, int seed)
    {
        Model model = Model.Load(blob);
        var random = new Random(seed);
        var session = new Session(model);
        foreach (Tensor input in model.Inputs)
        {
            random.NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(session.Arena.AsSpan(input.ArenaOffset, input.ByteCount)));
        }

        session.Observer = new Poison(session, random);
        session.Run();
        return [.. model.Outputs.SelectMany(t => session.Arena[t.ArenaOffset..(t.ArenaOffset + t.ByteCount)])];
    }

    private sealed class Poison : IOperatorObserver
    {
        private readonly Session _session;
        private readonly Random _random;
        private readonly bool[][] _needed;

        public Poison(Session session, Random random)
        {
            _session = session;
            _random = random;
            Model model = session.Model;
            var needed = new bool[model.ArenaBytes];
            Array.ForEach(model.Outputs, t => Mark(t, true));
            _needed = new bool[model.Operators.Length][];
            for (int i = _needed.Length - 1; i >= 0; i--)
            {
                _needed[i] = (bool[])needed.Clone();
                Array.ForEach(model.Operators[i].Outputs, t => Mark(t, false));
                Array.ForEach(model.Operators[i].Inputs, t => Mark(t, true));
            }

            void Mark(Tensor tensor, bool isNeeded) => Array.Fill(needed, isNeeded, tensor.ArenaOffset, tensor.ByteCount);
        }

        public void Starting(Operator op)
        {
        }

        public void Finished(Operator op)
        {
            bool[] needed = _needed[op.Index];
            for (int i = 0; i < needed.Length; i++)
            {
                if (!needed[i])
                {
                    _session.Arena[i] = (sbyte)_random.Next(-128, 128);
                }
            }
        }
    }
}
