namespace TinyInference.Converter.Import.TfLite;

using TinyInference.Converter.Graphs;

/// <summary>FULLY_CONNECTED and BATCH_MATMUL.</summary>
internal static class DenseOperators
{
    /// <summary>Inputs x, taken as [elements/K, K] unless dimensions are kept, weights [O,K], bias [O]?.</summary>
    public static void FullyConnected(OperatorImport op)
    {
        if (op.Options.Byte(1) != 0)
        {
            throw op.Unsupported("its weights are shuffled");
        }

        Value x = op.Input(0);
        Value stored = op.Input(1);
        op.RequireRank(stored, 2);
        int inputs = stored.Shape[1];
        int outputs = stored.Shape[0];
        op.RequireReals(x, op.Output());
        if (stored.Shape.ElementCount == 0 || x.Shape.ElementCount == 0 || x.Shape.ElementCount % inputs != 0)
        {
            throw op.Malformed($"has the weights {stored.Shape} for the input {x.Shape}");
        }

        Value rows = AsRows(op, x, inputs);
        Shape shape = op.MakeShape([.. rows.Shape.Take(rows.Shape.Rank - 1), outputs]);
        if (stored.IsConstant)
        {
            Value weights = Weights.Read(op, x, 0);
            Value? bias = Weights.ReadBias(op, 2, outputs, x, weights);
            Activation.Emit(op, 0, static clamp => new FullyConnected(clamp), shape, rows, weights, bias);
        }
        else
        {
            MatMulOfComputed(op, rows, stored, shape);
        }
    }

    /// <summary>Inputs a [...,M,K], b [...,K,N]; the options may say that either lies transposed.</summary>
    public static void BatchMatMul(OperatorImport op)
    {
        Value a = op.Input(0);
        Value b = op.Input(1);
        if (b.IsConstant && a.Type == ElementType.Float32)
        {
            b = Weights.Floats(op, b);
        }

        op.RequireReals(a, b, op.Output());
        if (a.Shape.Rank < 2 || b.Shape.Rank < 2)
        {
            throw op.Malformed($"cannot multiply {a.Shape} by {b.Shape}");
        }

        a = op.Options.Bool(0) ? Transposed(op, a, "a") : a;
        b = op.Options.Bool(1) ? Transposed(op, b, "b") : b;
        if (a.Shape[-1] != b.Shape[-2])
        {
            throw op.Malformed($"cannot multiply {a.Shape} by {b.Shape}");
        }

        Shape batch = Broadcasting.Combine(op, new Shape(a.Shape.AsSpan()[..^2]), new Shape(b.Shape.AsSpan()[..^2]));
        op.Emit(new MatMul(), op.MakeShape([.. batch, a.Shape[-2], b.Shape[-1]]), a, b);
    }

    private static Value AsRows(OperatorImport op, Value x, int inputs)
    {
        bool keep = op.Options.Bool(2);
        if (keep && (x.Shape.Rank == 0 || x.Shape[-1] != inputs))
        {
            throw op.Malformed($"keeps dimensions, but the input {x.Shape} does not end in {inputs}");
        }

        if (keep || (x.Shape.Rank == 2 && x.Shape[1] == inputs))
        {
            return x;
        }

        return op.EmitBetween("rows", new Reshape(), new Shape(x.Shape.ElementCount / inputs, inputs), x.Type, x.Quantization, x);
    }

    private static void MatMulOfComputed(OperatorImport op, Value rows, Value weights, Shape shape)
    {
        if (op.OptionalInput(2) is not null || op.Options.Byte(0) != 0)
        {
            throw op.Unsupported("its weights are computed, and it has a bias or an activation");
        }

        op.RequireReals(rows, weights);
        op.Emit(new MatMul(), shape, rows, Transposed(op, weights, "weights"));
    }

    /// <summary>A node that swaps the last two dimensions.</summary>
    private static Value Transposed(OperatorImport op, Value value, string suffix)
    {
        int rank = value.Shape.Rank;
        int[] permutation = [.. Enumerable.Range(0, rank - 2), rank - 1, rank - 2];
        return op.EmitBetween(suffix + "_transposed", new Transpose(permutation), new Shape([.. permutation.Select(d => value.Shape[d])]), value.Type, value.Quantization, value);
    }
}
