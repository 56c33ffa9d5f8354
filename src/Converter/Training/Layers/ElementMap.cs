using TinyInference.Converter.Execution;

namespace TinyInference.Converter.Training.Layers;

using TinyInference.Converter.Graphs;
using Tensor = TinyInference.Converter.Graphs.Tensor;

/// <summary>Where the elements of an operator's output come from, for operators that only move them.</summary>
internal static class ElementMap
{
    /// <summary>Whole numbers beyond this have no exact float.</summary>
    private const int MostElements = 1 << 24;

    /// <summary>
    /// Found by letting the operator itself move numbered elements: result[i] is the number of output element i's source, counted over all
    /// <paramref name="counted"/> inputs one after the other; -1 where it comes from none of them.
    /// </summary>
    /// <param name="node">Its other inputs are taken as zeros.</param>
    public static int[] Of(Node node, params Value[] counted)
    {
        if (counted.Sum(v => (long)v.Shape.ElementCount) >= MostElements)
        {
            throw new InputException($"{node}: has too many elements to be trained");
        }

        int next = 1;
        var inputs = new Tensor?[node.Inputs.Count];
        for (int i = 0; i < inputs.Length; i++)
        {
            Value value = node.Input(i);
            float[] numbers = new float[value.Shape.ElementCount];
            for (int j = 0; counted.Contains(value) && j < numbers.Length; j++)
            {
                numbers[j] = next++;
            }

            inputs[i] = new Tensor(value.Shape, numbers);
        }

        float[] moved = new float[node.Output.Shape.ElementCount];
        KernelTable.Make(node, new Tensor?[inputs.Length])(inputs, new Tensor(node.Output.Shape, moved));
        return Array.ConvertAll(moved, x => (int)x - 1);
    }
}
