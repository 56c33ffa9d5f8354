using TinyInference.Words;

namespace TinyInference.Tests.Words;

[TestClass]
public class LogSoftmaxTest
{
    [TestMethod]
    public void Logarithms_are_near_those_of_double_precision()
    {
        double worst = 0;
        Dice.Throw(2_000, dice =>
        {
            int count = dice.Between(1, 300);
            int fractionBits = dice.Between(LogSoftmax.LeastFractionBits, 15);
            int spread = dice.Between(0, 32_767);
            int[] logits = dice.Ints(count, -spread - 1, spread);
            sbyte[] arena = [.. logits.SelectMany(l => BitConverter.GetBytes((short)l)).Select(b => (sbyte)b)];
            int[] result = new int[count];
            int norm = LogSoftmax.Run(arena, 0, count, fractionBits, result);
            CollectionAssert.AreEqual(logits, result);
            double[] reals = [.. logits.Select(l => Math.ScaleB(l, -fractionBits))];
            double sum = reals.Max() + Math.Log(reals.Sum(r => Math.Exp(r - reals.Max())));
            for (int i = 0; i < count; i++)
            {
                double expected = reals[i] - sum;
                worst = Math.Max(worst, Math.Abs((((logits[i] << (16 - fractionBits)) - norm) / 65536.0) - expected));
            }
        });
        Console.WriteLine($"largest error {worst:E2} nats");
        Assert.IsTrue(worst < 1e-4, $"{worst} nats");
    }
}
