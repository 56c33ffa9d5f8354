using System.Threading;
using Iot.Device.Hcsr04;
using UnitsNet;

namespace TinyInference.Examples.VacuumSteering;

/// <summary>One HC-SR04 on a turntable that goes on by 15 degrees at a time (docs/from-board-to-model.md has the wiring).</summary>
internal sealed class TurningSonar : IRangeScan
{
    /// <summary>What the sensor cannot see is far away.</summary>
    private const float FarthestMetres = 5;
    private const int MillisecondsBetweenPings = 60;

    private readonly Hcsr04 _sonar;
    private readonly ITurntable _turntable;

    internal TurningSonar(int triggerPin, int echoPin, ITurntable turntable)
    {
        _sonar = new Hcsr04(triggerPin, echoPin);
        _turntable = turntable;
    }

    /// <inheritdoc/>
    public bool TryRead(float[] metres)
    {
        for (int i = 0; i < metres.Length; i++)
        {
            _turntable.TurnTo(i * 360 / metres.Length);
            metres[i] = _sonar.TryGetDistance(out Length distance) ? (float)distance.Meters : FarthestMetres;
            Thread.Sleep(MillisecondsBetweenPings);
        }

        return true;
    }
}
