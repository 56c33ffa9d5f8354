namespace TinyInference.Tests.KernelTests;

[TestClass]
public class FullyConnectedTest
{
    [TestMethod]
    public void Random_layers_equal_the_reference() => Dice.Throw(600, dice => Compare(dice, WeightEncoding.Dense));

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
                OperatorKind.FullyConnected, [length, zpY, min, max, tile, dice.Between(16, 63)], PackedFullyConnectedTest.Pack(data.Weights, outputs, length),
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
