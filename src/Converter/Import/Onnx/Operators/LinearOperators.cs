namespace TinyInference.Converter.Import.Onnx.Operators;

using TinyInference.Converter.Graphs;

/// <summary>LinearClassifier, LinearRegressor and Scaler of ai.onnx.ml: fully connected layers, products and sums.</summary>
internal static class LinearOperators
{
    public static Value[] Classifier(OnnxNode node, OnnxGraphBuilder builder)
    {
        Value x = ClassScores.Features(node, builder);
        int classes = ClassScores.Labels(node, builder).Length;
        (float[] weights, int rows) = Coefficients(node, x.Shape[1]);
        float[] bias = Intercepts(node, rows);
        string transform = node.Text("post_transform", "NONE");
        if (rows == 1 && classes == 2)
        {
            // One score, of the second class; the first has its opposite, or the rest of its probability.
            bool isLogistic = transform == "LOGISTIC";
            weights = [.. weights.Select(w => isLogistic ? 0 : -w), .. weights];
            bias = [isLogistic ? 0 : -bias[0], bias[0]];
            transform = isLogistic ? "SOFTMAX" : transform;
            rows = 2;
        }

        if (rows != classes)
        {
            throw node.Fault($"it has {rows} rows of coefficients for {classes} classes");
        }

        Value scores = Layer(node, builder, x, weights, bias);
        return ClassScores.Outputs(node, builder, ClassScores.PostTransform(node, builder, transform, scores));
    }

    public static Value Regressor(OnnxNode node, OnnxGraphBuilder builder)
    {
        Value x = ClassScores.Features(node, builder);
        (float[] weights, int rows) = Coefficients(node, x.Shape[1]);
        return ClassScores.PostTransform(node, builder, node.Text("post_transform", "NONE"), Layer(node, builder, x, weights, Intercepts(node, rows)));
    }

    /// <summary>(x - offset) * scale.</summary>
    public static Value Scaler(OnnxNode node, OnnxGraphBuilder builder)
    {
        Value x = ClassScores.Features(node, builder);
        Value Vector(string attribute, float otherwise)
        {
            float[] values = Finite(node, attribute) ?? [otherwise];
            return values.Length == 1 || values.Length == x.Shape[1]
                ? builder.Constant(node, new Tensor(new Shape(values.Length), values))
                : throw node.Fault($"attribute '{attribute}' has {values.Length} elements for {x.Shape[1]} features");
        }

        Value moved = ElementwiseOperators.Combine(node, builder, BinaryFunction.Sub, x, Vector("offset", 0));
        return ElementwiseOperators.Combine(node, builder, BinaryFunction.Mul, moved, Vector("scale", 1));
    }

    private static Value Layer(OnnxNode node, OnnxGraphBuilder builder, Value x, float[] weights, float[] bias)
    {
        Value matrix = builder.Constant(node, new Tensor(new Shape(bias.Length, x.Shape[1]), weights));
        return MatrixOperators.FullyConnect(node, builder, x, matrix, builder.Constant(node, new Tensor(new Shape(bias.Length), bias)), null);
    }

    private static (float[] Weights, int Rows) Coefficients(OnnxNode node, int features)
    {
        float[] weights = Finite(node, "coefficients") ?? [];
        return weights.Length > 0 && weights.Length % features == 0
            ? (weights, weights.Length / features)
            : throw node.Fault($"it has {weights.Length} coefficients for {features} features");
    }

    private static float[] Intercepts(OnnxNode node, int rows)
    {
        float[] bias = Finite(node, "intercepts") is { Length: > 0 } stated ? stated : new float[rows];
        return bias.Length == rows ? bias : throw node.Fault($"it has {bias.Length} intercepts for {rows} rows of coefficients");
    }

    private static float[]? Finite(OnnxNode node, string attribute)
    {
        float[]? values = node.Floats(attribute);
        return values is null || Array.TrueForAll(values, float.IsFinite) ? values : throw node.Fault($"attribute '{attribute}' has a number that is not finite");
    }
}
