namespace TinyInference.Device;

/// <summary>
/// Where the device keeps its model, and a new one while that is received. Whatever fails before <see cref="Keep"/>, a later
/// <see cref="Load"/> gives the old model.
/// </summary>
public interface IModelStore
{
    /// <summary>Loads the model that is kept.</summary>
    /// <exception cref="BlobException">There is none, or it is no valid blob.</exception>
    Model Load();

    /// <summary>Makes room for a new blob of <paramref name="length"/> bytes and forgets one that was received in part.</summary>
    /// <returns>Whether there is room.</returns>
    bool Begin(int length);

    /// <summary>Adds the next bytes of the new blob.</summary>
    void Append(byte[] bytes, int offset, int count);

    /// <summary>Loads the new blob.</summary>
    /// <exception cref="BlobException">It is no valid blob.</exception>
    Model LoadReceived();

    /// <summary>Makes the new blob the one that is kept, also over a restart where the platform can.</summary>
    void Keep();

    /// <summary>Forgets the new blob.</summary>
    void Discard();
}
