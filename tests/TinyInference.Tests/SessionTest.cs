namespace TinyInference.Tests;

[TestClass]
public class SessionTest
{
    [TestMethod]
    public void Running_allocates_nothing()
    {
        foreach ((string name, byte[] blob) in SampleBlobs.All())
        {
            foreach (bool inStream in new[] { false, true })
            {
                Model model = inStream ? Model.Load(new MemoryStream(blob), true) : Model.Load(blob);
                var session = new Session(model);
                session.Run();
                long before = GC.GetAllocatedBytesForCurrentThread();
                session.Run();
                session.Run();
                Assert.AreEqual(0, GC.GetAllocatedBytesForCurrentThread() - before, name);
            }
        }
    }

    [TestMethod]
    public void The_observer_sees_every_operator_in_order()
    {
        Model model = Model.Load(SampleBlobs.Network());
        var log = new Log();
        new Session(model) { Observer = log }.Run();
        string[] expected = [.. Enumerable.Range(0, 6).SelectMany(i => new[] { $"starting {i}", $"finished {i}" })];
        CollectionAssert.AreEqual(expected, log.Lines);
    }

    [TestMethod]
    public void Input_and_output_of_a_wrong_length_are_refused()
    {
        var session = new Session(Model.Load(SampleBlobs.Network()));
        Assert.ThrowsExactly<ArgumentException>(() => session.SetInput(0, new sbyte[191]));
        Assert.ThrowsExactly<ArgumentException>(() => session.GetOutput(0, new sbyte[4]));
    }

    [TestMethod]
    public void A_state_is_carried_over_until_it_is_reset()
    {
        var session = new Session(Model.Load(SampleBlobs.StateAndResources()));
        sbyte[] output = new sbyte[3];
        for (int run = 1; run <= 4; run++)
        {
            if (run == 3)
            {
                session.ResetState();
            }

            session.SetInput(0, [1, 2, 3]);
            session.Run();
            session.GetOutput(0, output);
            int times = run < 3 ? run : run - 2;
            CollectionAssert.AreEqual(new sbyte[] { (sbyte)times, (sbyte)(2 * times), (sbyte)(3 * times) }, output, $"run {run}");
        }
    }

    private sealed class Log : IOperatorObserver
    {
        public List<string> Lines { get; } = [];

        public void Starting(Operator op) => Lines.Add($"starting {op.Index}");

        public void Finished(Operator op) => Lines.Add($"finished {op.Index}");
    }
}
