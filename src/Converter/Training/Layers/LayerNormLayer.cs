using TinyInference.Converter.Graphs;
using TinyInference.Converter.Numerics;

namespace TinyInference.Converter.Training.Layers;

/// <summary>
/// Layer normalisation over the innermost dimension. With xhat = (x - mean) * s and g = dy * scale: dx = s * (g - mean(g) - xhat * mean(g xhat)), d(scale) = sum dy xhat, d(bias) = sum dy.
/// </summary>
internal sealed class LayerNormLayer(Node node, Parameter scale, Parameter bias) : Layer(node)
{
    private readonly float _epsilon = ((LayerNorm)node.Operator).Epsilon;

    public override void Forward(Shard shard)
    {
        Span<float> x = shard.Activation(Input);
        Span<float> y = shard.Activation(Output);
        int width = scale.Data.Length;
        for (int i = 0; i < x.Length; i += width)
        {
            RowNormalization.Apply(x.Slice(i, width), _epsilon, scale.Data, bias.Data, y.Slice(i, width));
        }
    }

    public override void Backward(Shard shard)
    {
        Span<float> dScale = shard.Gradient(scale);
        Span<float> dBias = shard.Gradient(bias);
        Span<float> all = shard.Activation(Input);
        bool goesOn = shard.NeedsGradient(Input);
        int width = scale.Data.Length;
        for (int row = 0; row < all.Length; row += width)
        {
            ReadOnlySpan<float> x = all.Slice(row, width);
            ReadOnlySpan<float> dy = shard.Gradient(Output).Slice(row, width);
            (float mean, float inverse) = RowNormalization.Statistics(x, _epsilon);
            double sum = 0;
            double product = 0;
            for (int i = 0; i < width; i++)
            {
                float normalized = (x[i] - mean) * inverse;
                dScale[i] += dy[i] * normalized;
                dBias[i] += dy[i];
                sum += dy[i] * scale.Data[i];
                product += dy[i] * scale.Data[i] * normalized;
            }

            if (!goesOn)
            {
                continue;
            }

            Span<float> dx = shard.Gradient(Input).Slice(row, width);
            for (int i = 0; i < width; i++)
            {
                dx[i] += inverse * (float)((dy[i] * scale.Data[i]) - (sum / width) - ((x[i] - mean) * inverse * product / width));
            }
        }
    }
}
