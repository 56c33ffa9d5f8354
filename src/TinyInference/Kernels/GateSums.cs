namespace TinyInference;

/// <summary>What the recurrent cells share: checks, the two products of a step, and writing the state.</summary>
internal static class GateSums
{
    // Parameters that all cells begin with.
    internal const int Batch = 0;
    internal const int Steps = 1;
    internal const int Inputs = 2;
    internal const int Units = 3;
    internal const int TimeMajor = 4;

    /// <summary>Of the gates' functions: 0 smooth, <see cref="Hard"/>, or 2 for a hard sigmoid and a smooth tanh.</summary>
    internal const int Form = 5;
    internal const int ZeroPoint = 6;
    internal const int Multiplier = 7;
    internal const int Shift = 8;

    /// <summary>Both functions are hard.</summary>
    internal const int Hard = 1;

    /// <summary>How many parameters that is.</summary>
    internal const int Common = 9;

    /// <param name="op">A cell.</param>
    /// <param name="header">Bounds the scratch.</param>
    /// <param name="gates">Of the cell.</param>
    /// <param name="parameters">How many it has, without the span of packed weights.</param>
    /// <param name="hasInner">Whether it has an int16 state beside the int8 one.</param>
    internal static void Validate(Operator op, BlobHeader header, int gates, int parameters, bool hasInner)
    {
        bool isPacked = op.Encoding == WeightEncoding.Packed;
        int[] p = op.Parameters;
        Check.Require(p.Length == parameters + (isPacked ? 1 : 0), BlobError.Parameter, op);
        int sequences = (int)Check.Times(op, p[Batch], p[Steps]);
        int states = (int)Check.Times(op, p[Batch], p[Units]);
        int channels = (int)Check.Times(op, gates, p[Units]);
        Check.Require(op.Inputs.Length == (hasInner ? 3 : 2) && op.Outputs.Length == 1, BlobError.Shape, op);
        Is(op, op.Inputs[0], TensorType.Int8, Check.Times(op, sequences, p[Inputs]));
        Is(op, op.Outputs[0], TensorType.Int8, Check.Times(op, sequences, p[Units]));
        Is(op, op.Inputs[1], TensorType.Int8, states);
        Check.Require(op.Inputs[1].IsState, BlobError.Shape, op);
        if (hasInner)
        {
            Is(op, op.Inputs[2], TensorType.Int16, states);
            Check.Require(op.Inputs[2].IsState && op.Inputs[2].ArenaOffset != op.Inputs[1].ArenaOffset, BlobError.Shape, op);
        }

        Check.Range(op, TimeMajor, 0, 1);
        Check.Range(op, Form, 0, 2);
        Check.ZeroPoint(op, ZeroPoint);
        Check.Multiplier(op, p[Multiplier], p[Shift], 30);
        Check.Require(channels <= header.Scratch32 / 2, BlobError.Parameter, op);
        long weights = Check.Times(op, channels, p[Inputs]) + Check.Times(op, channels, p[Units]);
        Check.Require(weights <= int.MaxValue / sequences, BlobError.Parameter, op);
        if (isPacked)
        {
            int triples = (channels + 2) / 3;
            Check.Require(p[Inputs] <= int.MaxValue / 32 && p[Units] <= int.MaxValue / 32, BlobError.Parameter, op);
            Check.Require(p[parameters] > 0 && header.Scratch64 >= triples + Packed.Most, BlobError.Parameter, op);
            long rows = (long)PackedFullyConnected.Rows(p[Inputs]) + PackedFullyConnected.Rows(p[Units]);
            Check.Require(rows <= int.MaxValue / 8 / triples, BlobError.Parameter, op);
            weights = rows * triples * 8;
        }

        Check.Require(op.Biases.Length == 2 * channels && op.WeightsLength == weights, BlobError.Weights, op);
        int count = op.Multipliers.Length;
        Check.Require(count == 2 * gates || count == 2 * channels, BlobError.Weights, op);
        Check.Quantization(op, count);
    }

    /// <summary>
    /// One step's products: what the input gives to each gate in Q3.12 to <paramref name="sums"/>, and what the state gives to the first <paramref name="fromState"/> channels
    /// behind. Of the first <paramref name="added"/> channels the latter is added to the former.
    /// </summary>
    internal static void Run(Operator op, sbyte[] arena, int x, int h, int fromState, int added, int[] sums, long[] packed)
    {
        int channels = op.Biases.Length / 2;
        Products(op, arena, x, 0, 0, channels, sums, packed);
        Products(op, arena, h, 1, 0, fromState, sums, packed);
        for (int i = 0; i < added; i++)
        {
            int sum = sums[i] + sums[channels + i];
            sums[i] = sum == (short)sum ? sum : sum > 0 ? short.MaxValue : short.MinValue;
        }
    }

    /// <summary>
    /// What the input (<paramref name="part"/> 0) or the state (1) at <paramref name="x"/> gives to <paramref name="count"/> channels from <paramref name="first"/> on, both
    /// multiples of the units, in Q3.12 to their places in <paramref name="sums"/>. Sums of up to two channels before may be lost.
    /// </summary>
    internal static void Products(Operator op, sbyte[] arena, int x, int part, int first, int count, int[] sums, long[] packed)
    {
        int[] p = op.Parameters;
        int units = p[Units];
        int inputs = p[Inputs];
        int channels = op.Biases.Length / 2;
        int length = part == 0 ? inputs : units;
        int at = (part * channels) + first;
        if (op.Encoding == WeightEncoding.Packed)
        {
            // Weights lie in threes of channels.
            int begun = first % 3;
            int row = (part * ((channels + 2) / 3) * PackedFullyConnected.Rows(inputs)) + (first / 3 * PackedFullyConnected.Rows(length));
            PackedFullyConnected.Sum(op.PackedWeights, row, op.Biases, at - begun, count + begun, p[p.Length - 1], arena, x, length, sums, at - begun, packed);
        }
        else
        {
            DotProducts.Sum(op.Weights, op.WeightsStart + (part * channels * inputs) + (first * length), op.Biases, at, count, arena, x, length, sums, at);
        }

        if (op.Multipliers.Length == 2 * channels)
        {
            Requantize.ToInt16(sums, at, count, op, at, 1);
            return;
        }

        for (int end = at + count; at < end; at += units)
        {
            Requantize.ToInt16(sums, at, units, op, at / units, 0);
        }
    }

    /// <summary>Requantizes numbers to the state and copies it to the output.</summary>
    internal static void Store(Operator op, int[] values, int from, sbyte[] arena, int h, int y)
    {
        Requantized(op, values, from, arena, h);
        ArenaBytes.Copy(arena, h, y, op.Parameters[Units]);
    }

    /// <summary>Numbers as the state has them, to <paramref name="to"/>.</summary>
    internal static void Requantized(Operator op, int[] values, int from, sbyte[] arena, int to)
    {
        int[] p = op.Parameters;
        int zeroPoint = p[ZeroPoint];
        int multiplier = p[Multiplier];
        int left = p[Shift] > 0 ? p[Shift] : 0;
        int right = left - p[Shift];

        // A shift by 0 rounds nothing: neither the half nor what the sign takes off.
        long half = right > 0 ? 1L << (right - 1) : 0;
        long sign = right > 0 ? -1 : 0;
        int end = from + p[Units];
        for (; from < end; from++, to++)
        {
            long high = (((long)(values[from] << left) * multiplier) + Requantize.Half) >> 31;
            int result = (int)((high + half + ((high >> 63) & sign)) >> right) + zeroPoint;
            arena[to] = (sbyte)(result == (sbyte)result ? result : result > 0 ? sbyte.MaxValue : sbyte.MinValue);
        }
    }

    private static void Is(Operator op, Tensor tensor, TensorType type, long count)
        => Check.Require(tensor.Type == type && tensor.ElementCount == count, BlobError.Shape, op);
}
