using TinyInference.Converter.Import.Onnx;
using TinyInference.Converter.Import.TfLite;

namespace TinyInference.Converter.Import;

using TinyInference.Converter.Graphs;

/// <summary>Loads a network from a file of any supported format, recognised by its content.</summary>
internal static class ModelImporter
{
    /// <summary>Far beyond what fits a microcontroller, and well within what fits the memory of a desktop.</summary>
    private const long LargestFile = 1L << 30;

    /// <exception cref="InputException">There is no such file, or it is no network that can be imported.</exception>
    public static Graph Load(string path)
    {
        byte[] file = Read(path);
        if (TfLiteImporter.Recognises(file))
        {
            return TfLiteImporter.Import(file, path);
        }

        if (OnnxImporter.Recognises(file))
        {
            return OnnxImporter.Import(file, path, Path.GetDirectoryName(Path.GetFullPath(path)));
        }

        throw new InputException($"{path}: {Guess(file)}; a TensorFlow Lite (.tflite) or ONNX (.onnx) file is needed");
    }

    private static byte[] Read(string path)
    {
        if (Directory.Exists(path))
        {
            throw new InputException(File.Exists(Path.Combine(path, "saved_model.pb"))
                ? $"{path}: a TensorFlow SavedModel; convert it with tf.lite.TFLiteConverter.from_saved_model first"
                : $"{path}: a folder; the file of a network is needed");
        }

        try
        {
            long length = new FileInfo(path).Length;
            return length switch
            {
                0 => throw new InputException($"{path}: the file is empty"),
                > LargestFile => throw new InputException($"{path}: the file has {length:N0} bytes; networks for microcontrollers have at most {LargestFile:N0}"),
                _ => File.ReadAllBytes(path),
            };
        }
        catch (FileNotFoundException e)
        {
            throw new InputException($"{path}: there is no such file", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new InputException($"{path}: cannot be read: {e.Message}", e);
        }
    }

    /// <summary>What a file that is not supported seems to be, and what to do with it.</summary>
    private static string Guess(ReadOnlySpan<byte> file)
    {
        if (file.StartsWith("TINF"u8))
        {
            return "a converted blob (.tinf), not a network to convert";
        }

        if (file.StartsWith<byte>([0x89, (byte)'H', (byte)'D', (byte)'F']))
        {
            return "a Keras HDF5 file; convert it with tf.lite.TFLiteConverter.from_keras_model first";
        }

        if (file.StartsWith("PK\u0003\u0004"u8))
        {
            return file[..Math.Min(file.Length, 4096)].IndexOf("data.pkl"u8) >= 0
                ? "a PyTorch file; export it with torch.onnx.export first"
                : "a zip archive (perhaps .keras, or models to unpack)";
        }

        if (file.StartsWith<byte>([0x80, 2]))
        {
            return "a pickled Python object; export the network from the framework that made it first";
        }

        return "the format is not recognised";
    }
}
