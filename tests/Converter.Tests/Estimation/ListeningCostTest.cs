using TinyInference.Converter.Boards;
using TinyInference.Converter.Estimation;

namespace Converter.Tests.Estimation;

[TestClass]
public class ListeningCostTest
{
    private static readonly TimeEstimate s_network = new("total", 1, 1, 198_000, 48_000, 8_000);

    [TestMethod]
    public void What_features_leave_is_for_answers()
    {
        ListeningCost half = ListeningCost.Of(new SoundEstimate(20, 1, 10_000, 1, 2_000), s_network);
        Assert.AreEqual("real time: features take 50 %, the rest suffices for an answer every 400 ms managed, 100 ms generated, 20 ms native", half.ToString());
        Board board = BoardFiles.Load("esp32-wroom-32");
        const string Loads = "on esp32-wroom-32, by a model, a second of sound would take ";
        Assert.AreEqual(Loads + "2.50 s managed, 1.00 s generated, 0.60 s with native kernels: managed code keeps up with --every 400 or more", half.Advice(board, 100));
        Assert.AreEqual(Loads + "0.90 s managed, 0.60 s generated, 0.52 s with native kernels: managed code keeps up", half.Advice(board, 500));

        // Whole frames: 300 ms become 320.
        Assert.Contains("--every 320 or more", (half with { FrameMilliseconds = 80, Managed = 150_000 }).Advice(board, 80));
        Assert.Contains(": managed code does not keep up; use generated code or native kernels", (half with { Managed = 300_000 }).Advice(board, 500));
    }

    [TestMethod]
    public void Features_alone_may_take_too_long()
    {
        ListeningCost cost = ListeningCost.Of(new SoundEstimate(20, 1, 24_000, 1, 2_000), s_network);
        Assert.IsNull(cost.ShortestInterval(cost.Native));
        Assert.AreEqual("real time: features alone take 1.2 times the time there is: this board cannot listen without a pause", cost.ToString());
        Assert.Contains(": features alone take too long there; ", cost.Advice(BoardFiles.Load("esp32-wroom-32"), 1000));
    }
}
