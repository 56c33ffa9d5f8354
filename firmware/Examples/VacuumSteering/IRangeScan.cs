namespace TinyInference.Examples.VacuumSteering;

/// <summary>Distances all around the vacuum.</summary>
public interface IRangeScan
{
    /// <summary>Fills in 24 distances in metres, one every 15 degrees, clockwise from straight ahead.</summary>
    /// <returns>Whether all could be measured.</returns>
    bool TryRead(float[] metres);
}
