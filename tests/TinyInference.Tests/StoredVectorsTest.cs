using System.Text;

namespace TinyInference.Tests;

/// <summary>
/// tests/NanoFramework/Vectors.cs: a blob for each kernel, inputs, and the outputs that this runtime gives (which the other tests
/// hold to references), for the emulator to compare with. TINYINFERENCE_STORE_VECTORS=1 in the environment writes the file anew.
/// </summary>
[TestClass]
public class StoredVectorsTest
{
    [TestMethod]
    public void The_vectors_of_the_emulator_are_those_of_this_runtime()
    {
        string path = Path.Combine(Folder(), "tests", "NanoFramework", "Vectors.cs");
        string text = Create();
        if (Environment.GetEnvironmentVariable("TINYINFERENCE_STORE_VECTORS") == "1")
        {
            File.WriteAllText(path, text);
        }

        Assert.AreEqual(text, File.ReadAllText(path), "run this test with TINYINFERENCE_STORE_VECTORS=1, and look at the difference");
    }

    private static string Create()
    {
        var names = new StringBuilder();
        var blobs = new StringBuilder();
        var inputs = new StringBuilder();
        var outputs = new StringBuilder();
        foreach ((string name, byte[] blob) in SampleBlobs.All())
        {
            var session = new Session(Model.Load(blob));
            var random = new Random(1);
            var input = new List<byte>();
            foreach (Tensor tensor in session.Model.Inputs)
            {
                byte[] bytes = new byte[tensor.ByteCount];
                random.NextBytes(bytes);
                session.SetInput(Array.IndexOf(session.Model.Inputs, tensor), Array.ConvertAll(bytes, b => (sbyte)b));
                input.AddRange(bytes);
            }

            session.Run();
            var output = new sbyte[session.Model.Outputs[0].ByteCount];
            session.GetOutput(0, output);
            names.Append($"        \"{name}\",\n");
            blobs.Append(Row(blob));
            inputs.Append(Row([.. input]));
            outputs.Append(Row(Array.ConvertAll(output, b => (byte)b)));
        }

        return $$"""
            namespace TinyInference.Emulator;

            // Written by StoredVectorsTest of TinyInference.Tests: do not edit.
            internal static class Vectors
            {
                internal static readonly string[] Names =
                {
            {{names}}    };

                internal static readonly byte[][] Blobs =
                {
            {{blobs}}    };

                internal static readonly byte[][] Inputs =
                {
            {{inputs}}    };

                internal static readonly byte[][] Outputs =
                {
            {{outputs}}    };
            }

            """.ReplaceLineEndings("\n");
    }

    private static string Row(byte[] bytes) => $"        new byte[] {{ {string.Join(", ", bytes)} }},\n";

    private static string Folder()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "TinyInference.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("The tests must run inside the repository.");
    }
}
