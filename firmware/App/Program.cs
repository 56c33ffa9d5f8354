using System.Diagnostics;
using System.Threading;
using TinyInference.Device;

namespace TinyInference.App;

/// <summary>
/// Loads a blob from internal storage (I:\model.tinf), where 'tinyinference flash' or the console's verb 'swap' put it, or else the one
/// built in as a resource; then serves the console.
/// </summary>
public static class Program
{
    /// <summary>The application's entry.</summary>
    public static void Main()
    {
        var platform = new EspPlatform();

        // Weights stay where they are, in the file or in flash: without PSRAM the heap is for activations.
        var store = new FileModelStore("I:\\", keepWeightsInFile: true, new BuiltInModel());
        var channel = new SerialChannel(Pins.ConsoleTx, Pins.ConsoleRx);
        try
        {
            new DeviceConsole(channel, platform, platform, store, null, "TinyInference").Run();
        }
        catch (BlobException e)
        {
            Debug.WriteLine("no model: " + e.Message);
        }

        Thread.Sleep(Timeout.Infinite);
    }
}
