using System.Globalization;
using TinyInference.Converter.Emission;

namespace TinyInference.Converter.Import.Onnx.Operators;

using TinyInference.Converter.Graphs;

/// <summary>
/// What surrounds the classifiers of ai.onnx.ml: they give the chosen class and the scores. Here scores are what matters; the classes' names go into the
/// metadata, and an output that only names the chosen class is left out beside one of scores.
/// </summary>
internal static class ClassScores
{
    /// <summary>The classes' names, from the attributes that all classifiers have; they go into the metadata.</summary>
    public static string[] Labels(OnnxNode node, OnnxGraphBuilder builder)
    {
        string[]? names = node.Texts("classlabels_strings") is { Length: > 0 } texts ? texts
            : (node.Ints("classlabels_int64s") ?? node.Ints("classlabels_ints"))?.Select(i => i.ToString(CultureInfo.InvariantCulture)).ToArray();
        if (names is null or [])
        {
            throw node.Fault("it does not name its classes");
        }

        // Classes 0, 1, 2 ... have no names but their numbers.
        bool arePlain = names.Select((n, i) => n == i.ToString(CultureInfo.InvariantCulture)).All(same => same);
        if (!arePlain && Array.TrueForAll(names, n => n.Length > 0 && !n.Contains('\n')))
        {
            builder.Graph.Metadata[MetadataKeys.Labels] = string.Join('\n', names);
        }

        return names;
    }

    /// <summary>Both outputs of a classifier: the chosen class, and <paramref name="scores"/>.</summary>
    public static Value[] Outputs(OnnxNode node, OnnxGraphBuilder builder, Value scores)
    {
        builder.Scores.Add(scores);
        Value choice = builder.Emit(node, new ArgMax(1, false), new TensorType(ElementType.Int64, new Shape(scores.Shape[0])), scores);
        builder.Choices.Add(choice);
        return [choice, scores];
    }

    /// <summary>[N,C] through the function that an ai.onnx.ml operator applies to its scores.</summary>
    public static Value PostTransform(OnnxNode node, OnnxGraphBuilder builder, string transform, Value scores) => transform switch
    {
        "NONE" => scores,
        "SOFTMAX" => builder.Emit(node, new Softmax(1, 1), TensorType.Like(scores), scores),
        "LOGISTIC" => builder.Emit(node, new Unary(UnaryFunction.Sigmoid), TensorType.Like(scores), scores),
        _ => throw node.Unsupported($"its post_transform {transform}; NONE, SOFTMAX and LOGISTIC are supported"),
    };

    /// <summary>An input of numbers [N,F]: integers are taken as reals.</summary>
    public static Value Features(OnnxNode node, OnnxGraphBuilder builder)
    {
        Value x = node.Input(0);
        if (x.Shape.Rank is not (1 or 2) || x.Shape.ElementCount == 0 || x.Quantization is not null)
        {
            throw node.Fault($"its input '{node.InputNames[0]}' has the shape {x.Shape}; rows of numbers are needed");
        }

        x = x.Type == ElementType.Float32 ? x : builder.Emit(node, new Cast(), new TensorType(ElementType.Float32, x.Shape), x);
        return x.Shape.Rank == 2 ? x : builder.Reshape(node, x, new Shape(1, x.Shape[0]));
    }

    /// <summary>A list of maps from class to score in the file: here the scores.</summary>
    public static Value ZipMap(OnnxNode node, OnnxGraphBuilder builder)
    {
        Labels(node, builder);
        return ElementwiseOperators.Identity(node, builder);
    }

    /// <summary>Scores divided by their sum: their order stays as it is.</summary>
    public static Value Normalizer(OnnxNode node, OnnxGraphBuilder builder)
    {
        Value x = node.Input(0);
        if (!builder.Scores.Contains(x))
        {
            throw node.Unsupported($"it normalizes '{x.Name}'; only scores of a classifier can be");
        }

        bool isSoftmax = builder.Graph.Nodes.Find(n => n.Outputs.Contains(x)) is { Operator: Softmax };
        if (!isSoftmax || node.Text("norm", "MAX") != "L1")
        {
            builder.Warnings.Add($"{node}: is left out, the order of the classes is the same without it");
        }

        Value y = ElementwiseOperators.Identity(node, builder);
        builder.Scores.Add(y);
        return y;
    }

    /// <summary>Columns chosen by constant indices; or a table of classes asked for the chosen one, which is the choice itself.</summary>
    public static Value ArrayFeatureExtractor(OnnxNode node, OnnxGraphBuilder builder)
    {
        Value x = node.Input(0);
        if (builder.TryConstant(node.Input(1)) is { } indices)
        {
            int[] columns = indices.ToInt32s();
            return x.Shape.Rank > 0 && Array.TrueForAll(columns, c => c >= 0 && c < x.Shape[-1])
                ? builder.Emit(node, new Gather(x.Shape.Rank - 1), TensorType.Like(x, x.Shape.With(-1, columns.Length)), x, builder.Constant(node, new Tensor(new Shape(columns.Length), columns)))
                : throw node.Fault($"its indices do not fit its input {x.Shape}");
        }

        if (builder.TryConstant(x) is not { } classes)
        {
            throw node.Unsupported("both of its inputs are computed by the network");
        }

        Value choice = node.Input(1);
        builder.Graph.Metadata.TryAdd(MetadataKeys.Labels, string.Join('\n', classes.ToInt64s()));
        Value y = builder.Emit(node, new Identity(), TensorType.Like(choice), choice);
        builder.Choices.Add(y);
        return y;
    }

    /// <summary>Leaves out outputs that name the chosen class, where there is one with the scores.</summary>
    public static void DropChoices(OnnxGraphBuilder builder)
    {
        Graph graph = builder.Graph;
        var producers = graph.Producers();
        bool IsChoice(Value value)
        {
            while (!builder.Choices.Contains(value))
            {
                if (!producers.TryGetValue(value, out Node? producer) || producer.Operator is not (Identity or Cast or Reshape))
                {
                    return false;
                }

                value = producer.Input(0);
            }

            return true;
        }

        Value[] choices = [.. graph.Outputs.Where(IsChoice)];
        if (choices.Length > 0 && choices.Length < graph.Outputs.Count)
        {
            graph.Outputs.RemoveAll(choices.Contains);
        }
    }
}
