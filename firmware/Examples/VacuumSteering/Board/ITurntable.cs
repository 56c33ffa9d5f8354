namespace TinyInference.Examples.VacuumSteering;

/// <summary>What turns the sensor: a servo or a stepper.</summary>
internal interface ITurntable
{
    /// <summary>Turns clockwise from straight ahead, and returns when it stands still.</summary>
    void TurnTo(int degrees);
}
