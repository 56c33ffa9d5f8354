using TinyInference.Converter.Language;
using TinyInference.Converter.Training;

namespace Converter.Tests.Language;

using TinyInference.Converter.Graphs;

/// <summary>The gradients of whole language models (vectors, cell, one or two softmax) against finite differences.</summary>
[TestClass]
public class LanguageGradientTest
{
    private static readonly int[][] s_sentences = [[2, 3, 4], [5], [4, 4, 6], [0, 2]];

    [TestMethod]
    [DataRow(nameof(RecurrentCellKind.SimpleRnn))]
    [DataRow(nameof(RecurrentCellKind.Gru))]
    [DataRow(nameof(RecurrentCellKind.Lstm))]
    public void Two_components(string cell) => Check(new TwoComponentCoding(WordPlacement.Random(7, 1)), Enum.Parse<RecurrentCellKind>(cell));

    [TestMethod]
    public void One_vector() => Check(new OneVectorCoding(7), RecurrentCellKind.Gru);

    private static void Check(WordCoding coding, RecurrentCellKind cell)
    {
        const float Delta = 1e-2f;
        const int Steps = 40;
        var network = new LanguageNetwork(coding, new LanguageOptions { Cell = cell, Depth = 3, Units = 4 });
        var part = new LanguagePart(network, Steps, 2);
        var streams = new TextStreams(s_sentences, [2, 0, 1, 3], coding, 2, Steps);
        Assert.AreEqual(1, streams.Chunks);
        int predictions = streams.Read(0, 0, part);
        Assert.AreEqual(13 * coding.Heads.Count, predictions);

        double Loss()
        {
            double loss = 0;
            part.Reset();
            part.Predict((step, p) => loss -= p.Span[step.Target]);
            return loss / predictions;
        }

        part.Reset();
        double loss = part.Train(1f / predictions, 0, 0, new Random(1));
        Assert.AreEqual(Loss(), loss / predictions, 1e-5);
        foreach (Parameter parameter in network.Parameters)
        {
            float[] gradient = part.Sums.Of(parameter);
            Assert.IsTrue(gradient.Any(g => g != 0), parameter.Value.Name);
            for (int i = 0; i < parameter.Data.Length; i++)
            {
                float saved = parameter.Data[i];
                parameter.Data[i] = saved + Delta;
                double above = Loss();
                parameter.Data[i] = saved - Delta;
                double below = Loss();
                parameter.Data[i] = saved;
                Assert.AreEqual((above - below) / (2 * Delta), gradient[i], 5e-4, $"{parameter.Value.Name}[{i}]");
            }
        }
    }
}
