using System.Diagnostics;
using System.Threading;
using TinyInference.Device;

namespace TinyInference.Examples.CommandListener;

/// <summary>Listens for the words of I:\model.tinf. Replace the recorded features by those of a microphone (docs/from-board-to-model.md).</summary>
public static class Program
{
    private const int MillisecondsBetweenSteps = 200;

    /// <summary>The application's entry.</summary>
    public static void Main()
    {
        var listener = new Listener(new Classifier(new FileModelStore("I:\\", keepWeightsInFile: false).Load()));
        IFeatureSource features = new RecordedFeatures();
        while (true)
        {
            string word = listener.Step(features);
            if (word is not null)
            {
                Debug.WriteLine("heard: " + word);
            }

            Thread.Sleep(MillisecondsBetweenSteps);
        }
    }
}
