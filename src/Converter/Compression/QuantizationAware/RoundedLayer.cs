using System.Collections.Concurrent;
using TinyInference.Converter.Quantization;
using TinyInference.Converter.Training;

namespace TinyInference.Converter.Compression.QuantizationAware;

/// <summary>
/// A layer whose result is rounded to an <see cref="ActivationGrid"/>. The gradient passes as if it were not (straight-through
/// estimator), but stops at what the grid clips, where the result does not change.
/// </summary>
/// <param name="inner">The layer itself.</param>
/// <param name="input">For the network's input, which no layer makes; null for other inputs.</param>
/// <param name="output">Null where the result stays in float: it is clamped next, and only then stored.</param>
internal sealed class RoundedLayer(Layer inner, ActivationGrid? input, ActivationGrid? output) : Layer(inner.Node)
{
    private readonly ConcurrentDictionary<Shard, ValueRange> _seen = [];
    private readonly ConcurrentDictionary<Shard, List<int>> _clipped = [];

    public override void Forward(Shard shard)
    {
        input?.Round(shard.Activation(Input));
        inner.Forward(shard);
        if (output is not null)
        {
            Span<float> data = shard.Activation(Output);
            if (shard.IsTraining)
            {
                ValueRange range = ActivationGrid.RangeOf(data);
                _seen[shard] = range;
                output.FindClipped(data, range, _clipped.GetOrAdd(shard, _ => []));
            }

            output.Round(data);
        }
    }

    public override void Backward(Shard shard)
    {
        if (_clipped.TryGetValue(shard, out List<int>? clipped) && clipped.Count > 0)
        {
            Span<float> gradient = shard.Gradient(Output);
            foreach (int i in clipped)
            {
                gradient[i] = 0;
            }
        }

        inner.Backward(shard);
    }

    public override void Finish()
    {
        inner.Finish();
        if (!_seen.IsEmpty)
        {
            // The union does not depend on the order of the shards.
            output?.Follow(_seen.Values.Aggregate((a, b) => a.Union(b)));
            _seen.Clear();
        }
    }
}
