using static TinyInference.Converter.Import.TfLite.BuiltinOperator;
using static TinyInference.Converter.Import.TfLite.OptionsTable;

namespace TinyInference.Converter.Import.TfLite;

/// <summary>Numbers of the option tables in the schema's union BuiltinOptions, those that are read here.</summary>
internal enum OptionsTable
{
    None = 0,
    Conv2D = 1,
    DepthwiseConv2D = 2,
    Pool2D = 5,
    FullyConnected = 8,
    Softmax = 9,
    Concatenation = 10,
    Add = 11,
    ResizeBilinear = 15,
    Reshape = 17,
    Mul = 21,
    Gather = 23,
    Reducer = 27,
    Sub = 28,
    Div = 29,
    Squeeze = 30,
    StridedSlice = 32,
    TransposeConv = 49,
    Pack = 59,
    Unpack = 64,
    UnidirectionalSequenceLstm = 71,
    ResizeNearestNeighbor = 74,
    LeakyRelu = 75,
    MirrorPad = 77,
    BatchMatMul = 101,
    Gelu = 116,
}

/// <summary>Which method imports which operator, with how many inputs and which option table.</summary>
internal static class OperatorTable
{
    private const int Any = int.MaxValue;

    private static readonly Dictionary<BuiltinOperator, Row> s_rows = new()
    {
        [CONV_2D] = new(2, 3, ConvolutionOperators.Conv2D, Conv2D),
        [DEPTHWISE_CONV_2D] = new(2, 3, ConvolutionOperators.DepthwiseConv2D, DepthwiseConv2D),
        [TRANSPOSE_CONV] = new(3, 4, ConvolutionOperators.TransposeConv, TransposeConv),
        [FULLY_CONNECTED] = new(2, 3, DenseOperators.FullyConnected, FullyConnected),
        [UNIDIRECTIONAL_SEQUENCE_LSTM] = new(20, 24, RecurrentOperators.Lstm, UnidirectionalSequenceLstm),
        [BATCH_MATMUL] = new(2, 2, DenseOperators.BatchMatMul, BatchMatMul),
        [ADD] = new(2, 2, BinaryOperators.Add, Add),
        [SUB] = new(2, 2, BinaryOperators.Sub, Sub),
        [MUL] = new(2, 2, BinaryOperators.Mul, Mul),
        [DIV] = new(2, 2, BinaryOperators.Div, Div),
        [MINIMUM] = new(2, 2, BinaryOperators.Minimum),
        [MAXIMUM] = new(2, 2, BinaryOperators.Maximum),
        [POW] = new(2, 2, BinaryOperators.Pow),
        [SQUARED_DIFFERENCE] = new(2, 2, BinaryOperators.SquaredDifference),
        [PRELU] = new(2, 2, BinaryOperators.PRelu),
        [RELU] = new(1, 1, UnaryOperators.Relu),
        [RELU6] = new(1, 1, UnaryOperators.Relu6),
        [RELU_N1_TO_1] = new(1, 1, UnaryOperators.ReluN1To1),
        [RELU_0_TO_1] = new(1, 1, UnaryOperators.Relu0To1),
        [LEAKY_RELU] = new(1, 1, UnaryOperators.LeakyRelu, LeakyRelu),
        [ELU] = new(1, 1, UnaryOperators.Elu),
        [HARD_SWISH] = new(1, 1, UnaryOperators.HardSwish),
        [LOGISTIC] = new(1, 1, UnaryOperators.Logistic),
        [TANH] = new(1, 1, UnaryOperators.Tanh),
        [EXP] = new(1, 1, UnaryOperators.Exp),
        [LOG] = new(1, 1, UnaryOperators.Log),
        [SQRT] = new(1, 1, UnaryOperators.Sqrt),
        [RSQRT] = new(1, 1, UnaryOperators.Rsqrt),
        [SQUARE] = new(1, 1, UnaryOperators.Square),
        [ABS] = new(1, 1, UnaryOperators.Abs),
        [NEG] = new(1, 1, UnaryOperators.Neg),
        [SIGN] = new(1, 1, UnaryOperators.Sign),
        [FLOOR] = new(1, 1, UnaryOperators.Floor),
        [CEIL] = new(1, 1, UnaryOperators.Ceil),
        [ROUND] = new(1, 1, UnaryOperators.Round),
        [SIN] = new(1, 1, UnaryOperators.Sin),
        [COS] = new(1, 1, UnaryOperators.Cos),
        [GELU] = new(1, 1, UnaryOperators.Gelu, Gelu),
        [AVERAGE_POOL_2D] = new(1, 1, PoolingOperators.Average, Pool2D),
        [MAX_POOL_2D] = new(1, 1, PoolingOperators.Max, Pool2D),
        [MEAN] = new(2, 2, ReductionOperators.Mean, Reducer),
        [SUM] = new(2, 2, ReductionOperators.Sum, Reducer),
        [REDUCE_MAX] = new(2, 2, ReductionOperators.Max, Reducer),
        [REDUCE_MIN] = new(2, 2, ReductionOperators.Min, Reducer),
        [REDUCE_PROD] = new(2, 2, ReductionOperators.Prod, Reducer),
        [ARG_MAX] = new(2, 2, ReductionOperators.ArgMax),
        [ARG_MIN] = new(2, 2, ReductionOperators.ArgMin),
        [SOFTMAX] = new(1, 1, ReductionOperators.Softmax, Softmax),
        [LOG_SOFTMAX] = new(1, 1, ReductionOperators.LogSoftmax),
        [RESHAPE] = new(1, 2, ShapeOperators.Reshape, Reshape),
        [SQUEEZE] = new(1, 1, ShapeOperators.Squeeze, Squeeze),
        [EXPAND_DIMS] = new(2, 2, ShapeOperators.ExpandDims),
        [TRANSPOSE] = new(2, 2, ShapeOperators.Transpose),
        [SHAPE] = new(1, 1, ShapeOperators.Shape),
        [CAST] = new(1, 1, ShapeOperators.Cast),
        [PAD] = new(2, 2, PadOperators.Pad),
        [PADV2] = new(3, 3, PadOperators.PadV2),
        [MIRROR_PAD] = new(2, 2, PadOperators.MirrorPad, MirrorPad),
        [CONCATENATION] = new(1, Any, JoinOperators.Concatenation, Concatenation),
        [PACK] = new(1, Any, JoinOperators.Pack, Pack),
        [SLICE] = new(3, 3, SliceOperators.Slice),
        [STRIDED_SLICE] = new(4, 4, StridedSliceOperator.StridedSlice, StridedSlice),
        [SPLIT] = new(2, 2, SliceOperators.Split, Outputs: Any),
        [SPLIT_V] = new(3, 3, SliceOperators.SplitV, Outputs: Any),
        [UNPACK] = new(1, 1, SliceOperators.Unpack, Unpack, Any),
        [GATHER] = new(2, 2, SliceOperators.Gather, Gather),
        [RESIZE_NEAREST_NEIGHBOR] = new(2, 2, ResizeOperators.NearestNeighbor, ResizeNearestNeighbor),
        [RESIZE_BILINEAR] = new(2, 2, ResizeOperators.Bilinear, ResizeBilinear),
        [QUANTIZE] = new(1, 1, QuantizationOperators.Quantize),
        [DEQUANTIZE] = new(1, 1, QuantizationOperators.Dequantize),
    };

    public static bool Knows(BuiltinOperator builtin) => s_rows.ContainsKey(builtin);

    /// <summary>Imports an operator that the table knows.</summary>
    /// <exception cref="InputException">It contradicts itself or the tensors around it.</exception>
    /// <exception cref="UnsupportedException">It is well formed, but beyond this importer.</exception>
    public static void Import(OperatorImport op)
    {
        Row row = s_rows[op.Entry.Builtin];
        if (op.InputCount < row.LeastInputs || op.InputCount > row.MostInputs)
        {
            throw op.Malformed($"has {op.InputCount} inputs");
        }

        if (op.OutputCount < 1 || op.OutputCount > row.Outputs)
        {
            throw op.Malformed($"has {op.OutputCount} outputs");
        }

        if (row.Options != None && op.Entry.OptionsType != (int)None && op.Entry.OptionsType != (int)row.Options)
        {
            throw op.Malformed($"has the options of another operator (table {op.Entry.OptionsType})");
        }

        row.Method(op);
    }

    private sealed record Row(int LeastInputs, int MostInputs, Action<OperatorImport> Method, OptionsTable Options = None, int Outputs = 1);
}
