using System.Diagnostics;
using System.Threading;
using TinyInference.Device;

namespace TinyInference.Examples.RouterPresence;

/// <summary>Tells rooms by I:\model.tinf. Replace the recorded signals by those of your access points.</summary>
public static class Program
{
    private const int MillisecondsBetweenReadings = 1000;

    /// <summary>The application's entry.</summary>
    public static void Main()
    {
        var presence = new Presence(new Classifier(new FileModelStore("I:\\", keepWeightsInFile: false).Load()));
        ISignalSource signals = new RecordedSignals();
        while (true)
        {
            if (presence.Step(signals))
            {
                Debug.WriteLine(presence.Room is null ? "nobody is there" : "in room " + presence.Room + (presence.IsActive ? ", active" : ""));
            }

            Thread.Sleep(MillisecondsBetweenReadings);
        }
    }
}
