using System.Runtime.InteropServices;
using System.Text;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.IO;

namespace TinyInference.Converter.Training;

/// <summary>
/// Checkpoints on disk, little endian: magic "TICK", u32 version, u32 CRC-32 of all that follows; u32 fingerprint of the network, string optimizer,
/// i32 its steps, i32 best epoch, i32 epochs and for each 3 doubles; then the weights, the best weights and the optimizer's state, each i32
/// count and for each array i32 length and floats.
/// </summary>
internal static class CheckpointFile
{
    private const uint Magic = 0x4B434954;
    private const int Version = 1;
    private const int HeaderBytes = 12;
    private const long MostBytes = 1L << 30;

    /// <exception cref="InputException">The file cannot be written.</exception>
    public static void Write(string path, Checkpoint checkpoint)
    {
        using var body = new MemoryStream();
        using (var writer = new BinaryWriter(body, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(checkpoint.Fingerprint);
            writer.Write(checkpoint.OptimizerName);
            writer.Write(checkpoint.OptimizerSteps);
            writer.Write(checkpoint.BestEpoch);
            writer.Write(checkpoint.History.Count);
            foreach (EpochResult epoch in checkpoint.History)
            {
                writer.Write(epoch.Loss);
                writer.Write(epoch.Accuracy);
                writer.Write(epoch.HeldOut);
            }

            WriteArrays(writer, checkpoint.Weights);
            WriteArrays(writer, checkpoint.BestWeights);
            WriteArrays(writer, checkpoint.OptimizerState);
        }

        byte[] bytes = body.ToArray();
        AtomicFile.Write(path, stream =>
        {
            using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
            writer.Write(Magic);
            writer.Write(Version);
            writer.Write(Checksum(bytes));
            writer.Write(bytes);
        });
    }

    /// <summary>Reads a checkpoint of this network and optimizer.</summary>
    /// <exception cref="InputException">It cannot be read, is damaged, or of another version, network or optimizer.</exception>
    public static Checkpoint Read(string path, Graph network, Optimizer optimizer)
    {
        byte[] file = ReadBytes(path);
        if (file.Length < HeaderBytes || BitConverter.ToUInt32(file, 0) != Magic)
        {
            throw new InputException($"{path}: is no checkpoint of a training");
        }

        if (BitConverter.ToInt32(file, 4) is var version && version != Version)
        {
            throw new InputException($"{path}: is a checkpoint of version {version}, this tool knows version {Version}: resume with the version of the tool that wrote it");
        }

        byte[] body = file[HeaderBytes..];
        if (BitConverter.ToUInt32(file, 8) != Checksum(body))
        {
            throw new InputException($"{path}: the checkpoint is damaged or cut off (its checksum does not fit); train from the start");
        }

        try
        {
            using var reader = new BinaryReader(new MemoryStream(body), Encoding.UTF8);
            return Read(reader, path, network, optimizer);
        }
        catch (Exception e) when (e is IOException or ArgumentException or FormatException)
        {
            throw new InputException($"{path}: the checkpoint is malformed: {e.Message}", e);
        }
    }

    private static Checkpoint Read(BinaryReader reader, string path, Graph network, Optimizer optimizer)
    {
        uint fingerprint = reader.ReadUInt32();
        if (fingerprint != NetworkFingerprint.Of(network))
        {
            throw new InputException($"{path}: is a checkpoint of another network; resume with the same --model and data as before");
        }

        string name = reader.ReadString();
        if (name != optimizer.Name)
        {
            throw new InputException($"{path}: is a checkpoint of the optimizer {name}, not of {optimizer.Name}; resume with --optimizer {name}");
        }

        int steps = reader.ReadInt32();
        int best = reader.ReadInt32();
        int epochs = reader.ReadInt32();
        Require(steps >= 0 && epochs > 0 && best >= 0 && best < epochs && epochs <= (reader.BaseStream.Length - reader.BaseStream.Position) / 24, path);
        var history = new EpochResult[epochs];
        for (int i = 0; i < epochs; i++)
        {
            history[i] = new EpochResult(reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());
        }

        IReadOnlyList<float[]> tensors = Checkpoint.TensorsOf(network);
        var checkpoint = new Checkpoint(
            fingerprint, name, steps, history, best, ReadArrays(reader, tensors, path), ReadArrays(reader, tensors, path), ReadArrays(reader, optimizer.State, path));
        Require(reader.BaseStream.Position == reader.BaseStream.Length, path);
        return checkpoint;
    }

    private static void WriteArrays(BinaryWriter writer, IReadOnlyList<float[]> arrays)
    {
        writer.Write(arrays.Count);
        foreach (float[] array in arrays)
        {
            writer.Write(array.Length);
            writer.Write(MemoryMarshal.AsBytes<float>(array));
        }
    }

    /// <param name="like">As many arrays of these lengths must be there.</param>
    private static float[][] ReadArrays(BinaryReader reader, IReadOnlyList<float[]> like, string path)
    {
        Require(reader.ReadInt32() == like.Count, path);
        var arrays = new float[like.Count][];
        for (int i = 0; i < arrays.Length; i++)
        {
            Require(reader.ReadInt32() == like[i].Length, path);
            arrays[i] = new float[like[i].Length];
            reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(arrays[i].AsSpan()));
        }

        return arrays;
    }

    private static void Require(bool condition, string path)
    {
        if (!condition)
        {
            throw new InputException($"{path}: the checkpoint does not fit the network; resume with the same --model and data as before");
        }
    }

    private static byte[] ReadBytes(string path)
    {
        try
        {
            return new FileInfo(path).Length <= MostBytes ? File.ReadAllBytes(path) : throw new InputException($"{path}: is too long for a checkpoint");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new InputException($"{path}: cannot be read: {e.Message}", e);
        }
    }

    private static uint Checksum(byte[] bytes)
    {
        var crc = new Crc32();
        crc.Add(bytes, 0, bytes.Length);
        return crc.Value;
    }
}
