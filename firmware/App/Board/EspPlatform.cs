using nanoFramework.Hardware.Esp32;
using nanoFramework.Runtime.Native;
using TinyInference.Device;

namespace TinyInference.App;

/// <summary>Clock and memory of an ESP32.</summary>
internal sealed class EspPlatform : IClock, IHeap
{
    /// <inheritdoc/>
    public long Microseconds => (long)HighResTimer.GetCurrent();

    /// <inheritdoc/>
    public long FreeBytes => GC.Run(true);

    /// <summary>Of the chip's memory: the managed heap does not tell its own.</summary>
    public long LargestBlock
    {
        get
        {
            NativeMemory.GetMemoryInfo(NativeMemory.MemoryType.All, out uint _, out uint _, out uint largest);
            return largest;
        }
    }
}
