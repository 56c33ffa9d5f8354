namespace TinyInference.Words;

/// <summary>One softmax of a language model: the operator that gives its logits, and their logarithmic probabilities.</summary>
internal sealed class LogitsOutput
{
    private readonly int _at;
    private readonly int _count;
    private readonly int _fractionBits;
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
        _fractionBits = 127 - (tensor.ScaleBits >> 23);
        Operator = -1;
        for (int i = 0; i < model.Operators.Length; i++)
        {
            if (model.Operators[i].Outputs[0] == tensor)
            {
                Operator = i;
            }
        }

        if (tensor.Type != TensorType.Int16 || tensor.ElementCount != count || (tensor.ScaleBits & 0x7FFFFF) != 0 || _fractionBits < LogSoftmax.LeastFractionBits || _fractionBits > 15 || Operator < 0)
        {
            throw new BlobException(BlobError.Shape, output);
        }
    }

    /// <summary>The present logits.</summary>
    internal int[] Logits { get; }

    /// <summary>The operator's place in the model.</summary>
    internal int Operator { get; }

    /// <summary>Computes the logits from the present state.</summary>
    internal void Run(Session session)
    {
        session.RunOperators(Operator, 1);
        _norm = LogSoftmax.Run(session.Arena, _at, _count, _fractionBits, Logits);
    }

    /// <summary>The logarithm of the probability of a class, Q16.</summary>
    internal int Log(int index)
    {
        int log = (Logits[index] << (16 - _fractionBits)) - _norm;
        return log < 0 ? log : 0;
    }
}
