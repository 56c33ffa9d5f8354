using TinyInference;
using TinyInference.Examples;
using TinyInference.Examples.CommandListener;
using TinyInference.Examples.RouterPresence;
using TinyInference.Examples.VacuumSteering;

namespace Converter.Tests.Device;

/// <summary>The logic of the examples, on recorded readings.</summary>
[TestClass]
public class ExamplesTest
{
    [TestMethod]
    public void The_majority_is_that_of_the_window()
    {
        var majority = new Majority(3, 3);

        int[] results = [.. new[] { 0, 0, 1, 1, 2, 2, 0 }.Select(majority.Add)];

        CollectionAssert.AreEqual(new[] { 0, 0, 0, 1, 1, 2, 2 }, results);
    }

    [TestMethod]
    public void The_vacuum_turns_on_the_spot_before_it_touches_and_stops_without_a_scan()
    {
        var steering = new Steering(Network(24, "Move-Forward\nSlight-Right-Turn\nSharp-Right-Turn\nSlight-Left-Turn"));
        steering.Step(new FixedScan(2));
        Assert.IsTrue(steering.Left > 0 || steering.Right > 0);
        steering.Step(new FixedScan(0.1f));
        Assert.AreEqual((30, -30), (steering.Left, steering.Right));
        steering.Step(new FixedScan(float.NaN));
        Assert.AreEqual((0, 0), (steering.Left, steering.Right));
        for (int i = 0; i < 8; i++)
        {
            steering.Step(new RecordedScan());
        }
    }

    [TestMethod]
    public void A_person_is_somewhere_and_leaves_when_not_heard()
    {
        var presence = new Presence(Network(7, "1\n2\n3\n4"));
        var signals = new RecordedSignals();
        Assert.IsTrue(presence.Step(signals));
        Assert.IsNotNull(presence.Room);
        Assert.IsTrue(presence.IsActive);
        for (int i = 0; i < 5; i++)
        {
            presence.Step(new Nothing());
        }

        Assert.IsNull(presence.Room);
    }

    [TestMethod]
    public void Features_are_listened_to()
    {
        var listener = new Listener(Network(490, "a\nb\nSilence\nUnknown"));
        var features = new RecordedFeatures();
        for (int i = 0; i < 40; i++)
        {
            Assert.AreNotEqual("Silence", listener.Step(features));
        }
    }

    private static Classifier Network(int inputs, string labels) => new(Model.Load(TinyBlob.Create(outputs: 4, labels: labels, inputs: inputs)));

    private sealed class FixedScan(float metres) : IRangeScan
    {
        public bool TryRead(float[] readings)
        {
            Array.Fill(readings, metres);
            return !float.IsNaN(metres);
        }
    }

    private sealed class Nothing : ISignalSource
    {
        public bool TryRead(float[] dBm)
        {
            Array.Fill(dBm, -100);
            return true;
        }

        public int TakePackets() => 0;
    }
}
