using System.Runtime.InteropServices;
using TinyInference.Converter.Emission;
using TinyInference.Converter.Evaluation;

namespace TinyInference.Converter.Cli.Prediction;

/// <summary>A float model and its blob side by side on the same samples.</summary>
/// <param name="Layers">In the order of the blob's operators.</param>
/// <param name="Agreement">Samples for which both outputs have their largest element at the same place.</param>
/// <param name="Output">The first output, compared as the layers are.</param>
internal sealed record NetworkComparison(IReadOnlyList<LayerComparison> Layers, int Samples, int Agreement, LayerComparison Output)
{
    /// <summary>The operator of the lowest signal to noise ratio; -1 where nothing differs.</summary>
    public int Worst => Layers.Select((layer, i) => (layer, i)).Where(p => p.layer.IsComparable && double.IsFinite(p.layer.SignalToNoise))
        .OrderBy(p => p.layer.SignalToNoise).Select(p => p.i).FirstOrDefault(-1);

    /// <exception cref="InputException">The two have different outputs, or data and network do not fit.</exception>
    public static NetworkComparison Run(FloatNetwork model, Model blob, string blobFile, InputBinding binding, int samples, Action<double> progress, CancellationToken cancellation)
    {
        if (model.OutputShape.ElementCount != blob.Outputs[0].ElementCount || model.Input.Shape.ElementCount != blob.Inputs[0].ElementCount)
        {
            throw new InputException(
                $"{blobFile}: takes {blob.Inputs[0].ElementCount} numbers and gives {blob.Outputs[0].ElementCount}, {model.File} takes {model.Input.Shape.ElementCount} and gives {model.OutputShape.ElementCount}: it was not made from this model");
        }

        var total = new Worker(model, blob);
        int done = 0;
        Parallel.For(
            0,
            samples,
            new ParallelOptions { MaxDegreeOfParallelism = Evaluator.Threads, CancellationToken = cancellation },
            () => new Worker(model, blob),
            (sample, _, worker) =>
            {
                worker.Run(sample, binding);
                progress((double)Interlocked.Increment(ref done) / samples);
                return worker;
            },
            worker =>
            {
                lock (total)
                {
                    total.Merge(worker);
                }
            });
        return new NetworkComparison(total.Layers, samples, total.Agreement, total.Output);
    }

    /// <summary>What one thread needs, and what it found.</summary>
    private sealed class Worker : IOperatorObserver
    {
        private readonly FloatNetwork _model;
        private readonly Model _blob;
        private readonly Session _session;
        private readonly string[] _tensorNames;
        private readonly Dictionary<string, float[]> _expected = new(StringComparer.Ordinal);

        public Worker(FloatNetwork model, Model blob)
        {
            _model = model;
            _blob = blob;
            _session = new Session(blob) { Observer = this };
            _tensorNames = BlobText.Lines(blob, Metadata.TensorNames);
            string[] names = BlobText.Lines(blob, Metadata.OperatorNames);
            Layers = [.. blob.Operators.Select((op, i) => new LayerComparison(op.Kind.ToString(), i < names.Length ? names[i] : ""))];
        }

        public LayerComparison[] Layers { get; }

        public LayerComparison Output { get; } = new("output", "");

        public int Agreement { get; private set; }

        private Span<byte> Arena => MemoryMarshal.AsBytes(_session.Arena.AsSpan());

        public void Run(int sample, InputBinding binding)
        {
            float[] input = new float[binding.Elements];
            binding.Read(sample, input);
            float[] expected = _model.Observe(input, (value, tensor) => _expected[BlobNames.Shorten(value.Name)] = (float[])tensor.ToFloats().Clone())[0].ToFloats();
            _session.ResetState();
            TensorBytes.Quantize(input, _blob.Inputs[0], Arena);
            _session.Run();
            float[] actual = Compare(Output, _blob.Outputs[0], expected);
            Agreement += ConfusionMatrix.ArgMax(expected) == ConfusionMatrix.ArgMax(actual) ? 1 : 0;
        }

        public void Starting(Operator op)
        {
        }

        public void Finished(Operator op)
        {
            int index = Array.IndexOf(_blob.Tensors, op.Outputs[0]);
            if (index < _tensorNames.Length && _expected.TryGetValue(_tensorNames[index], out float[]? expected) && expected.Length == op.Outputs[0].ElementCount)
            {
                Compare(Layers[op.Index], op.Outputs[0], expected);
            }
        }

        public void Merge(Worker other)
        {
            for (int i = 0; i < Layers.Length; i++)
            {
                Layers[i].Merge(other.Layers[i]);
            }

            Output.Merge(other.Output);
            Agreement += other.Agreement;
        }

        private float[] Compare(LayerComparison layer, Tensor tensor, float[] expected)
        {
            float[] actual = new float[tensor.ElementCount];
            TensorBytes.Dequantize(tensor, Arena, actual);
            (float low, float high) = TensorBytes.Range(tensor);
            layer.Add(expected, actual, low, high);
            return actual;
        }
    }
}
