using TinyInference;
using TinyInference.Tests;

namespace Native.Tests;

/// <summary>The kernels in a process of their own, watched for undefined behaviour and for every access beside a blob or arena.</summary>
[TestClass]
public class SanitizerTest
{
    private static readonly OperatorKind[] s_kinds =
    [
        OperatorKind.Conv2D, OperatorKind.DepthwiseConv2D, OperatorKind.FullyConnected, OperatorKind.Add, OperatorKind.Sub, OperatorKind.Mul,
        OperatorKind.AveragePool2D, OperatorKind.MaxPool2D, OperatorKind.Mean, OperatorKind.Lookup, OperatorKind.Softmax,
    ];

    [TestMethod]
    [DataRow("gcc")]
    [DataRow("clang")]
    public void Compiles_without_warnings(string compiler)
    {
        Toolchain.Build(compiler, $"warnings-{compiler}", Path.Combine(Toolchain.TestSources, "cases.c"));
        Toolchain.Build(compiler, $"small-{compiler}", "-Os", Path.Combine(Toolchain.TestSources, "cases.c"));
    }

    [TestMethod]
    [DataRow("gcc")]
    [DataRow("clang")]
    public void Nothing_is_reported(string compiler)
    {
        if (!Toolchain.HasSanitizers(compiler))
        {
            Assert.Inconclusive($"skipped: {compiler} has no sanitizer libraries");
        }

        string program = Toolchain.Build(
            compiler, $"cases-{compiler}", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", Path.Combine(Toolchain.TestSources, "cases.c"));
        using var file = new CaseFile($"cases-{compiler}.bin");
        foreach (OperatorKind kind in s_kinds)
        {
            for (int i = 0; i < 300; i++)
            {
                file.AddManaged(RandomOperator.Blob(kind, new Dice((1000 * (int)kind) + i)), new Random(i));
            }
        }

        file.Check(program);
    }
}
