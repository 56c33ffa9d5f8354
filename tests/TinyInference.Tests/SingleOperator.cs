namespace TinyInference.Tests;

/// <summary>Builds a blob of one operator and runs it.</summary>
internal sealed class SingleOperator
{
    private readonly BlobBuilder _blob = new();
    private readonly List<int> _inputs = [];
    private readonly List<byte[]> _data = [];
    private int _output;

    public BlobBuilder Blob => _blob;

    public SingleOperator Input(int[] dimensions, sbyte[] data)
    {
        _inputs.Add(_blob.AddTensor(TensorType.Int8, dimensions));
        _data.Add((byte[])(object)data);
        return this;
    }

    public SingleOperator Input(int[] dimensions, int[] data)
    {
        _inputs.Add(_blob.AddTensor(TensorType.Int32, dimensions));
        _data.Add([.. data.SelectMany(BitConverter.GetBytes)]);
        return this;
    }

    public SingleOperator Input(TensorType type, int[] dimensions, byte[] data)
    {
        _inputs.Add(_blob.AddTensor(type, dimensions));
        _data.Add(data);
        return this;
    }

    public SingleOperator Output(params int[] dimensions) => Output(TensorType.Int8, dimensions);

    public SingleOperator Output(TensorType type, params int[] dimensions)
    {
        _output = _blob.AddTensor(type, dimensions);
        return this;
    }

    /// <summary>The output has the bytes of input <paramref name="input"/>.</summary>
    public SingleOperator OutputInPlaceOf(int input, params int[] dimensions)
    {
        _output = _blob.AddTensorAt(_blob.OffsetOf(_inputs[input]), TensorType.Int8, dimensions);
        return this;
    }

    public SingleOperator Operator(
        OperatorKind kind, int[] parameters, sbyte[]? weights = null, int[]? biases = null, int[]? multipliers = null, int[]? shifts = null, int encoding = 0)
    {
        _blob.AddOperator(new OperatorRecord(kind, [.. _inputs], [_output])
        {
            Parameters = parameters,
            Weights = weights ?? [],
            Biases = biases ?? [],
            Multipliers = multipliers ?? [],
            Shifts = shifts ?? [],
            Encoding = encoding,
        });
        return this;
    }

    public byte[] Build() => _blob.Build([.. _inputs], [_output]);

    public sbyte[] Run()
    {
        Model model = Model.Load(Build());
        var session = new Session(model);
        for (int i = 0; i < _inputs.Count; i++)
        {
            session.SetInput(i, (sbyte[])(object)_data[i]);
        }

        session.Run();
        var output = new sbyte[model.Outputs[0].ByteCount];
        session.GetOutput(0, output);
        return output;
    }

    /// <summary>The blob is refused with this error, which names operator 0.</summary>
    public void IsRefused(BlobError error)
    {
        BlobException exception = Assert.ThrowsExactly<BlobException>(() => Model.Load(Build()));
        Assert.AreEqual(error, exception.Error);
        Assert.AreEqual(0, exception.Index);
    }
}
