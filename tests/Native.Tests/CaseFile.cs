using TinyInference;

namespace Native.Tests;

/// <summary>What cases.c reads: blobs with their inputs and the outputs that they must give.</summary>
internal sealed class CaseFile(string name) : IDisposable
{
    private readonly BinaryWriter _writer = new(File.Create(Toolchain.FilePath(name)));

    public string FilePath { get; } = Toolchain.FilePath(name);

    public int Count { get; private set; }

    public void Add(byte[] blob, ReadOnlySpan<byte> inputs, ReadOnlySpan<byte> output)
    {
        _writer.Write(blob.Length);
        _writer.Write(blob);
        _writer.Write(inputs);
        _writer.Write(output);
        Count++;
    }

    /// <summary>Adds a blob with random inputs and what the managed kernels make of them.</summary>
    public void AddManaged(byte[] blob, Random random)
    {
        var session = new Session(Model.Load(blob), null);
        var inputs = new List<byte>();
        for (int i = 0; i < session.Model.Inputs.Length; i++)
        {
            var data = new sbyte[session.Model.Inputs[i].ByteCount];
            random.NextBytes((byte[])(Array)data);
            session.SetInput(i, data);
            inputs.AddRange((byte[])(Array)data);
        }

        session.Run();
        var output = new sbyte[session.Model.Outputs[0].ByteCount];
        session.GetOutput(0, output);
        Add(blob, [.. inputs], (byte[])(Array)output);
    }

    /// <summary>Closes the file and lets a build of cases.c check it.</summary>
    public void Check(string program)
    {
        _writer.Dispose();
        Assert.AreEqual($"{Count} cases\n", Toolchain.Run(program, FilePath));
    }

    public void Dispose() => _writer.Dispose();
}
