namespace TinyInference.Converter.Import.TfLite;

using TinyInference.Converter.Graphs;

/// <summary>
/// STRIDED_SLICE: inputs x, begin, end, strides, and masks whose bit i concerns entry i of those three. Becomes a Slice, and a
/// Reshape where dimensions are dropped or added.
/// </summary>
internal static class StridedSliceOperator
{
    public static void StridedSlice(OperatorImport op)
    {
        Value x = op.Input(0);
        int[] begin = op.Integers(1, "begin");
        int[] end = op.Integers(2, "end", begin.Length);
        int[] strides = op.Integers(3, "strides", begin.Length);
        op.RequireSameType(x, op.Output());
        if (begin.Length > 2 * TensorValues.MaxRank)
        {
            throw op.Malformed($"has {begin.Length} ranges");
        }

        var cut = new Cut(op, x.Shape);
        Masks masks = new(op.Options);
        for (int i = 0; i < begin.Length; i++)
        {
            if (masks.Ellipsis(i))
            {
                int after = Enumerable.Range(i + 1, begin.Length - i - 1).Count(j => !masks.NewAxis(j));
                cut.KeepUntil(x.Shape.Rank - after);
            }
            else if (masks.NewAxis(i))
            {
                cut.AddAxis();
            }
            else
            {
                cut.Take(masks, i, begin[i], end[i], strides[i]);
            }
        }

        cut.KeepUntil(x.Shape.Rank);
        cut.Emit(x);
    }

    private readonly struct Masks(FlatTable options)
    {
        private readonly int _begin = options.Int32(0);
        private readonly int _end = options.Int32(1);
        private readonly int _ellipsis = options.Int32(2);
        private readonly int _newAxis = options.Int32(3);
        private readonly int _shrink = options.Int32(4);

        /// <summary>Whether the ends are counted from the beginnings.</summary>
        public bool IsOffset { get; } = options.Bool(5);

        public bool Begin(int i) => Bit(_begin, i);

        public bool End(int i) => Bit(_end, i);

        public bool Ellipsis(int i) => Bit(_ellipsis, i);

        public bool NewAxis(int i) => Bit(_newAxis, i);

        public bool Shrink(int i) => Bit(_shrink, i);

        private static bool Bit(int mask, int i) => ((mask >> i) & 1) != 0;
    }

    /// <summary>The slice as it grows, one dimension of the input after the other.</summary>
    private sealed class Cut(OperatorImport op, Shape x)
    {
        private readonly List<int> _begin = [];
        private readonly List<int> _step = [];
        private readonly List<int> _counts = [];
        private readonly List<int> _result = [];

        public void AddAxis() => _result.Add(1);

        public void KeepUntil(int rank)
        {
            while (_begin.Count < rank)
            {
                int extent = x[_begin.Count];
                _begin.Add(0);
                _step.Add(1);
                _counts.Add(extent);
                _result.Add(extent);
            }
        }

        public void Take(Masks masks, int i, int begin, int end, int stride)
        {
            if (_begin.Count == x.Rank || stride == 0)
            {
                throw op.Malformed(stride == 0 ? "has a stride of 0" : $"has more ranges than {x} has dimensions");
            }

            int extent = x[_begin.Count];
            int lowest = stride > 0 ? 0 : -1;
            int highest = stride > 0 ? extent : extent - 1;
            long from = begin < 0 ? (long)begin + extent : begin;
            bool shrinks = masks.Shrink(i);
            if (shrinks && (from < 0 || from >= extent))
            {
                throw op.Malformed($"takes element {begin} of dimension {_begin.Count} of {x}");
            }

            long first = masks.Begin(i) && !shrinks ? (stride > 0 ? lowest : highest) : Math.Clamp(from, lowest, highest);
            long stop = masks.IsOffset ? first + end : end < 0 ? (long)end + extent : end;
            long last = masks.End(i) ? (stride > 0 ? highest : lowest) : Math.Clamp(stop, lowest, highest);
            long count = shrinks ? 1 : (last - first + stride - Math.Sign(stride)) / stride;
            if (count < 1)
            {
                throw op.Malformed($"takes nothing of dimension {_begin.Count} of {x}");
            }

            _begin.Add((int)first);
            _step.Add(shrinks ? 1 : stride);
            _counts.Add((int)count);
            if (!shrinks)
            {
                _result.Add((int)count);
            }
        }

        public void Emit(Value value)
        {
            Shape taken = op.MakeShape([.. _counts]);
            var slice = new Slice([.. _begin], [.. _step]);
            if (_result.SequenceEqual(_counts))
            {
                op.Emit(slice, taken, value);
                return;
            }

            Value part = op.EmitBetween("slice", slice, taken, value.Type, value.Quantization, value);
            op.Emit(new Reshape(), op.MakeShape([.. _result]), part);
        }
    }
}
