namespace TinyInference.Tests.KernelTests;

[TestClass]
public class FullyConnectedTest
{
    [TestMethod]
    public void Random_layers_equal_the_reference() => Dice.Throw(600, dice => Compare(dice, WeightEncoding.Dense));

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Results_of_16_bits_equal_the_reference(bool isPacked) => Dice.Throw(150, dice =>
    {
        int rows = dice.Between(1, 3);
        int length = dice.Between(1, 70);
        int outputs = dice.Between(1, 150);
        int min = dice.Between(-32_768, 0);
        int max = dice.Between(0, 32_767);
        sbyte[] x = dice.Int8s(rows * length);
        ConvolutionData data = ConvolutionData.Random(dice, outputs, length, outputs * length);
        int[] shifts = [.. data.Shifts.Select(s => Math.Min(0, s + 8))];
        var expected = new byte[2 * rows * outputs];
        for (int i = 0; i < rows * outputs; i++)
        {
            int o = i % outputs;
            int sum = data.Biases[o] + Enumerable.Range(0, length).Sum(k => x[(i / outputs * length) + k] * data.Weights[(o * length) + k]);
            int m = data.Multipliers.Length == 1 ? 0 : o;
            int y = Math.Clamp(Reference.MultiplyByQuantizedMultiplier(sum, data.Multipliers[m], shifts[m]), min, max);
            BitConverter.TryWriteBytes(expected.AsSpan(2 * i), (short)y);
        }

        SingleOperator single = new SingleOperator().Input([rows, length], x).Output(TensorType.Int16, rows, outputs);
        int[] parameters = [length, 0, min, max];
        if (isPacked)
        {
            int tile = dice.Between(1, 40);
            single.Blob.Scratch32 = 3 * tile;
            single.Blob.Scratch64 = 16 + tile;
            single.Operator(OperatorKind.FullyConnected, [.. parameters, tile, 32], PackedWeights.Of(data.Weights, outputs, length), data.Biases, data.Multipliers, shifts, WeightEncoding.Packed);
        }
        else
        {
            single.Operator(OperatorKind.FullyConnected, parameters, data.Weights, data.Biases, data.Multipliers, shifts);
        }

        CollectionAssert.AreEqual(expected, single.Run().Select(b => (byte)b).ToArray());
    });

    internal static void Compare(Dice dice, int encoding)
    {
        int rows = dice.Between(1, 3);
        int length = dice.Between(0, 4) == 0 ? dice.Between(300, 700) : dice.Between(1, 70);
        int outputs = dice.Between(1, 150);
        int zpX = dice.Int8();
        int zpY = dice.Int8();
        (int min, int max) = dice.Clamp();
        sbyte[] x = dice.Int8s(rows * length);
        ConvolutionData data = ConvolutionData.Random(dice, outputs, length, outputs * length);
        if (encoding >= WeightEncoding.Sparse)
        {
            SparseTable.Prune(dice, data.Weights, length, encoding == WeightEncoding.SparseBlocks ? 3 : 1);
        }

        int[] folded = [.. data.Biases];
        var expected = new sbyte[rows * outputs];
        for (int o = 0; o < outputs; o++)
        {
            for (int k = 0; k < length; k++)
            {
                folded[o] -= zpX * data.Weights[(o * length) + k];
            }

            for (int row = 0; row < rows; row++)
            {
                int sum = data.Biases[o];
                for (int k = 0; k < length; k++)
                {
                    sum += (x[(row * length) + k] - zpX) * data.Weights[(o * length) + k];
                }

                expected[(row * outputs) + o] = data.Requantize(sum, o, zpY, min, max);
            }
        }

        SingleOperator single = new SingleOperator().Input([rows, length], x).Output(rows, outputs);
        if (encoding == WeightEncoding.Packed)
        {
            // Any tile works, and any span up to 63 terms (PackedConv2DTest says why).
            int tile = dice.Between(1, 40);
            single.Blob.Scratch32 = 3 * tile;
            single.Blob.Scratch64 = 16 + tile;
            single.Operator(
                OperatorKind.FullyConnected, [length, zpY, min, max, tile, dice.Between(16, 63)], PackedWeights.Of(data.Weights, outputs, length),
                folded, data.Multipliers, data.Shifts, WeightEncoding.Packed);
        }
        else if (encoding == WeightEncoding.SparseBlocks)
        {
            single.Operator(
                OperatorKind.FullyConnected, [length, zpY, min, max, dice.Between(8, 63)], SparseTable.Encode(data.Weights, length, 1, 3), folded, data.Multipliers, data.Shifts, encoding);
        }
        else if (encoding == WeightEncoding.Sparse)
        {
            single.Operator(OperatorKind.FullyConnected, [length, zpY, min, max], SparseTable.Encode(data.Weights, length, 1, 1), folded, data.Multipliers, data.Shifts, encoding);
        }
        else
        {
            single.Operator(OperatorKind.FullyConnected, [length, zpY, min, max], data.Weights, folded, data.Multipliers, data.Shifts);
        }

        CollectionAssert.AreEqual(expected, single.Run());
    }
}
