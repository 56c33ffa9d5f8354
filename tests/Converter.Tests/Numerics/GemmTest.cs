using TinyInference.Converter.Numerics;

namespace Converter.Tests.Numerics;

[TestClass]
public class GemmTest
{
    [TestMethod]
    public void Product_equals_the_plain_sum() => RandomCases.ForAll(
        random =>
        {
            (int m, int n, int k) = (random.Next(0, 40), random.Next(0, 50), random.Next(0, 30));
            if (random.Next(4) == 0)
            {
                (m, n, k) = (random.Next(1, 210), random.Next(1, 20), random.Next(380, 800));
            }

            Compare(random, m, n, k);
        },
        300);

    [TestMethod]
    public void Extents_beyond_the_arrays_are_refused()
    {
        var six = new float[6];
        Assert.ThrowsExactly<ArgumentException>(() => Gemm.Multiply(false, false, 2, 2, 3, six, 3, six, 2, new float[3], 2, false));
        Assert.ThrowsExactly<ArgumentException>(() => Gemm.Multiply(false, false, 2, 2, 4, six, 4, six, 2, new float[4], 2, false));
        Assert.ThrowsExactly<ArgumentException>(() => Gemm.Multiply(false, false, 2, 2, 3, six, 3, six, 1, new float[4], 2, false));
    }

    private static void Compare(Random random, int m, int n, int k)
    {
        (bool transposeA, bool transposeB, bool accumulate) = (random.Next(2) == 0, random.Next(2) == 0, random.Next(2) == 0);
        int lda = (transposeA ? m : k) + random.Next(3);
        int ldb = (transposeB ? k : n) + random.Next(3);
        int ldc = n + random.Next(3);
        float[] a = random.Floats((transposeA ? k : m) * lda);
        float[] b = random.Floats((transposeB ? n : k) * ldb);
        float[] c = random.Floats(m * ldc);
        float[] expected = (float[])c.Clone();
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < n; j++)
            {
                float sum = accumulate ? c[(i * ldc) + j] : 0;
                for (int p = 0; p < k; p++)
                {
                    sum += a[transposeA ? (p * lda) + i : (i * lda) + p] * b[transposeB ? (j * ldb) + p : (p * ldb) + j];
                }

                expected[(i * ldc) + j] = sum;
            }
        }

        Gemm.Multiply(transposeA, transposeB, m, n, k, a, lda, b, ldb, c, ldc, accumulate);

        CollectionAssert.AreEqual(expected, c, $"m {m}, n {n}, k {k}, transposed {transposeA} {transposeB}, accumulate {accumulate}");
    }
}
