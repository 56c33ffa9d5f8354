using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Training.Layers;

/// <summary>y = x where x is 0 or more, else slope x, with a slope for each channel or one for all.</summary>
internal sealed class PReluLayer(Node node, Parameter slope) : Layer(node)
{
    public override void Forward(Shard shard)
    {
        Span<float> x = shard.Activation(Input);
        Span<float> y = shard.Activation(Output);
        float[] slopes = slope.Data;
        for (int i = 0; i < y.Length; i++)
        {
            y[i] = x[i] >= 0 ? x[i] : x[i] * slopes[i % slopes.Length];
        }
    }

    public override void Backward(Shard shard)
    {
        Span<float> x = shard.Activation(Input);
        Span<float> dy = shard.Gradient(Output);
        Span<float> dSlope = shard.Gradient(slope);
        bool needsInput = shard.NeedsGradient(Input);
        Span<float> dx = needsInput ? shard.Gradient(Input) : default;
        for (int i = 0; i < dy.Length; i++)
        {
            int c = i % dSlope.Length;
            if (needsInput)
            {
                dx[i] += x[i] >= 0 ? dy[i] : dy[i] * slope.Data[c];
            }

            dSlope[c] += x[i] >= 0 ? 0 : dy[i] * x[i];
        }
    }
}
