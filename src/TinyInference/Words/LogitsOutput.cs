namespace TinyInference.Words;

/// <summary>Logits that a network gives after a word: their operator, and what follows from them.</summary>
internal sealed class LogitsOutput
{
    private readonly int _at;
    private readonly int _count;
    private int _norm;

    /// <param name="model">The network.</param>
    /// <param name="output">Which of its outputs holds the logits.</param>
    /// <param name="count">How many there must be.</param>
    /// <exception cref="BlobException">They are not int16 with a power of two as scale, or no operator gives them.</exception>
    internal LogitsOutput(Model model, int output, int count)
    {
        Tensor tensor = model.Outputs[output];
        _at = tensor.ArenaOffset;
        _count = count;
        Logits = new int[count];

        // A binary32 is 2^(exponent - 127) where its other bits are 0.
        FractionBits = 127 - (tensor.ScaleBits >> 23);
        Operator = -1;
        for (int i = 0; i < model.Operators.Length; i++)
        {
            if (model.Operators[i].Outputs[0] == tensor)
            {
                Operator = i;
            }
        }

        if (tensor.Type != TensorType.Int16 || tensor.ElementCount != count || (tensor.ScaleBits & 0x7FFFFF) != 0 || FractionBits < LogSoftmax.LeastFractionBits || FractionBits > 15 || Operator < 0)
        {
            throw new BlobException(BlobError.Shape, output);
        }
    }

    /// <summary>The present logits.</summary>
    internal int[] Logits { get; }

    /// <summary>The operator's place in the model.</summary>
    internal int Operator { get; }

    /// <summary>Of the logits: their scale is 2^-FractionBits.</summary>
    internal int FractionBits { get; }

    /// <summary>A logit, as the operator has left it.</summary>
    internal int Read(sbyte[] arena, int i) => (byte)arena[_at + (2 * i)] | (arena[_at + (2 * i) + 1] << 8);

    /// <summary>Computes the logits from the present state.</summary>
    internal void Run(Session session)
    {
        session.RunOperators(Operator, 1);
        _norm = LogSoftmax.Run(session.Arena, _at, _count, FractionBits, Logits);
    }

    /// <summary>The logarithm of the probability of a class, Q16.</summary>
    internal int Log(int index)
    {
        int log = (Logits[index] << (16 - FractionBits)) - _norm;
        return log < 0 ? log : 0;
    }
}
