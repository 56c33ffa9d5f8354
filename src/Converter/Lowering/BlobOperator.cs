namespace TinyInference.Converter.Lowering;

/// <summary>One step of a <see cref="BlobProgram"/>, as the blob will hold it; the parts are those of docs/SPEC.md.</summary>
internal sealed class BlobOperator
{
    public BlobOperator(OperatorKind kind, string name, BlobTensor[] inputs, BlobTensor output)
    {
        Kind = kind;
        Name = name;
        Inputs = inputs;
        Output = output;
    }

    public OperatorKind Kind { get; }

    /// <summary>The name of the node it came from.</summary>
    public string Name { get; }

    public BlobTensor[] Inputs { get; }

    public BlobTensor Output { get; }

    public int[] Parameters { get; set; } = [];

    public int[] Biases { get; init; } = [];

    public int[] Multipliers { get; init; } = [];

    public sbyte[] Shifts { get; init; } = [];

    /// <summary>Bytes of the weights, in <see cref="Encoding"/>.</summary>
    public sbyte[] Weights { get; set; } = [];

    /// <summary>One of <see cref="WeightEncoding"/>.</summary>
    public int Encoding { get; set; }

    /// <summary>32-bit integers that the kernel needs beside the arena.</summary>
    public int Scratch32 { get; set; }

    /// <summary>64-bit integers that the kernel needs beside the arena.</summary>
    public int Scratch64 { get; set; }

    /// <summary>Bytes of the arena in which CONV_2D gathers windows; 0 where it need not.</summary>
    public int PatchBytes { get; set; }

    /// <summary>
    /// Whether the runtime's kernels run it, in the order that docs/SPEC.md states under "Order of reading and writing"; code of another order must not have its
    /// output in bytes that it still reads.
    /// </summary>
    public bool HasStatedOrder { get; set; } = true;

    /// <summary>Whether the output may take the bytes of an input of the same size and type: docs/SPEC.md says for which kinds.</summary>
    public bool CanWorkInPlace => Kind is OperatorKind.Lookup or OperatorKind.Softmax or OperatorKind.LayerNorm or OperatorKind.Add or OperatorKind.Sub or OperatorKind.Mul;

    /// <summary>Whether biases, multipliers and shifts are those of <paramref name="other"/>.</summary>
    public bool HasFactorsOf(BlobOperator other) => Biases.AsSpan().SequenceEqual(other.Biases) && Multipliers.AsSpan().SequenceEqual(other.Multipliers) && Shifts.AsSpan().SequenceEqual(other.Shifts);

    /// <summary>The same weights, biases and factors with other tensors and parameters.</summary>
    public BlobOperator With(string name, BlobTensor[] inputs, BlobTensor output, int[] parameters, int patchBytes) => new(Kind, name, inputs, output)
    {
        Parameters = parameters,
        Biases = Biases,
        Multipliers = Multipliers,
        Shifts = Shifts,
        Weights = Weights,
        Encoding = Encoding,
        Scratch32 = Scratch32,
        Scratch64 = Scratch64,
        PatchBytes = patchBytes,
    };

    public override string ToString() => $"{Kind} '{Name}'";
}
