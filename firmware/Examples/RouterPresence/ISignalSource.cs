namespace TinyInference.Examples.RouterPresence;

/// <summary>What a router can see of a person: how strong the phone is at each access point.</summary>
public interface ISignalSource
{
    /// <summary>Fills in one strength in dBm for each access point, in the network's order; -100 where the phone is not heard.</summary>
    /// <returns>Whether there is a new reading.</returns>
    bool TryRead(float[] dBm);

    /// <summary>Packets of the phone since the last call: traffic says that someone is awake.</summary>
    int TakePackets();
}
