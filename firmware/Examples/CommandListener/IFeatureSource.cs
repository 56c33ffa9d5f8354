namespace TinyInference.Examples.CommandListener;

/// <summary>Features of the last second of sound, as the network was trained with them (input preparation of its blob).</summary>
public interface IFeatureSource
{
    /// <summary>Waits for the next step of sound and fills in the quantized features, frame by frame.</summary>
    void Read(sbyte[] features);
}
