using System.Diagnostics;
using System.Threading;
using TinyInference.Device;

namespace TinyInference.Examples.VacuumSteering;

/// <summary>Steers by I:\model.tinf. Without sensors it drives through recorded readings and tells what it would do.</summary>
public static class Program
{
    private const int MillisecondsBetweenSteps = 200;

    /// <summary>The application's entry.</summary>
    public static void Main()
    {
        var steering = new Steering(new Classifier(new FileModelStore("I:\\", keepWeightsInFile: false).Load()));

        // With hardware: new TurningSonar(12, 14, yourTurntable).
        IRangeScan scan = new RecordedScan();
        while (true)
        {
            steering.Step(scan);
            Debug.WriteLine("left " + steering.Left.ToString() + " %, right " + steering.Right.ToString() + " %");
            Thread.Sleep(MillisecondsBetweenSteps);
        }
    }
}
