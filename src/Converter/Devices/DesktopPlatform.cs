using System.Diagnostics;
using TinyInference.Device;

namespace TinyInference.Converter.Devices;

/// <summary>Clock and memory of the desktop, for the firmware's sources.</summary>
internal sealed class DesktopPlatform : IClock, IHeap
{
    private readonly long _start = Stopwatch.GetTimestamp();

    public long Microseconds => (long)Stopwatch.GetElapsedTime(_start).TotalMicroseconds;

    public long FreeBytes => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    public long LargestBlock => Array.MaxLength;
}
