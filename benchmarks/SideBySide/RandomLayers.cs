using System.Diagnostics;
using System.Runtime.Loader;
using TinyInference.Converter;
using TinyInference.Converter.Conversion;
using TinyInference.Converter.Emission.CSharp;
using TinyInference.Converter.Lowering;

namespace TinyInference.SideBySide;

using TinyInference.Converter.Graphs;

/// <summary>Random layers by every way, compared byte by byte.</summary>
internal static class RandomLayers
{
    /// <summary>Compiled into one assembly.</summary>
    private const int Batch = 200;

    /// <summary>Inputs of each layer: random bytes, and the ends of int8 only.</summary>
    private const int Inputs = 3;

    /// <summary>Layer i of a seed is always the same.</summary>
    /// <param name="progress">Told how far it is.</param>
    /// <returns>How many layers the generated code computed itself, and how many blobs had sparse weights.</returns>
    /// <exception cref="InputException">A layer gives other bytes; names it.</exception>
    public static (int Generated, int Sparse) Compare(int count, int seed, Action<string> progress)
    {
        int generated = 0;
        int sparse = 0;
        var watch = Stopwatch.StartNew();
        for (int first = 0; first < count; first += Batch)
        {
            Case[] cases = [.. Enumerable.Range(first, Math.Min(Batch, count - first)).Select(i => Case.Create(i, seed))];
            var context = new AssemblyLoadContext("generated", isCollectible: true);
            CompiledNetwork[] networks = CompiledNetwork.LoadAll([.. cases.Select(c => c.Code)], context);
            for (int i = 0; i < cases.Length; i++)
            {
                cases[i].Compare(networks[i]);
            }

            context.Unload();
            generated += cases.Count(c => c.Code.GeneratedOperators.Count > 0);
            sparse += cases.Count(c => c.IsSparse);
            if (first / Batch % 20 == 19)
            {
                progress($"{first + cases.Length:N0} of {count:N0} layers ({generated:N0} as code, {sparse:N0} sparse), {watch.Elapsed.TotalSeconds:F0} s");
            }
        }

        return (generated, sparse);
    }

    /// <param name="Index">Of the layer.</param>
    /// <param name="Sessions">Plain kernels first.</param>
    private sealed record Case(int Index, Random Random, IReadOnlyList<(string Way, Session Session)> Sessions, CSharpNetwork Code)
    {
        public bool IsSparse => Sessions.Any(s => s.Session.Model.Operators.Any(o => o.Encoding is WeightEncoding.Sparse or WeightEncoding.SparseBlocks));

        public static Case Create(int index, int seed)
        {
            var random = new Random(unchecked((seed * 1_000_003) + index));
            Graph graph = RandomLayer.Create(random);
            return new Case(
                index,
                random,
                [.. new[] { KernelPreference.Plain, KernelPreference.Balanced, KernelPreference.Speed }.Select(k => ($"{k}", new Session(Model.Load(NetworkConverter.Emit(graph, k).Blob))))],
                CSharpEmitter.Emit(graph, new CSharpOptions($"Random{index}")));
        }

        public void Compare(CompiledNetwork code)
        {
            Model model = Sessions[0].Session.Model;
            var input = new sbyte[model.Inputs[0].ByteCount];
            var expected = new sbyte[model.Outputs[0].ByteCount];
            var actual = new sbyte[expected.Length];
            for (int i = 0; i < Inputs; i++)
            {
                for (int k = 0; k < input.Length; k++)
                {
                    input[k] = (sbyte)(i < Inputs - 1 ? Random.Next(-128, 128) : Random.Next(2) == 0 ? sbyte.MinValue : sbyte.MaxValue);
                }

                for (int s = 0; s < Sessions.Count; s++)
                {
                    Session session = Sessions[s].Session;
                    session.SetInput(0, input);
                    session.Run();
                    session.GetOutput(0, s == 0 ? expected : actual);
                    Require(s == 0 || actual.AsSpan().SequenceEqual(expected), Sessions[s].Way);
                }

                Require(code.Run(input).AsSpan().SequenceEqual(expected), Contender.Generated);
            }
        }

        private void Require(bool isSame, string way)
        {
            if (!isSame)
            {
                throw new InputException($"random layer {Index} ({Sessions[0].Session.Model.Operators[0].Kind}): {way} gives other bytes than plain kernels");
            }
        }
    }
}
