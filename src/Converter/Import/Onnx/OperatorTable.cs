namespace TinyInference.Converter.Import.Onnx;

using TinyInference.Converter.Graphs;
using TinyInference.Converter.Import.Onnx.Operators;

/// <summary>Who imports which operator.</summary>
internal static class OperatorTable
{
    private const string Microsoft = "com.microsoft";
    private const string Ml = "ai.onnx.ml";

    private static readonly Dictionary<(string Domain, string OpType), Handler> s_handlers = new()
    {
        [("", "Conv")] = One(ConvolutionOperators.Conv),
        [("", "ConvTranspose")] = One(ConvolutionOperators.ConvTranspose),
        [("", "Gemm")] = One(MatrixOperators.Gemm),
        [("", "MatMul")] = One(MatrixOperators.MatMul),

        [("", "LSTM")] = RecurrentOperators.Of(RecurrentCellKind.Lstm),
        [("", "GRU")] = RecurrentOperators.Of(RecurrentCellKind.Gru),
        [("", "RNN")] = RecurrentOperators.Of(RecurrentCellKind.SimpleRnn),

        [("", "AveragePool")] = One(PoolOperators.AveragePool),
        [("", "MaxPool")] = One(PoolOperators.MaxPool),
        [("", "GlobalAveragePool")] = One(PoolOperators.GlobalAveragePool),
        [("", "GlobalMaxPool")] = One(PoolOperators.GlobalMaxPool),

        [("", "Add")] = ElementwiseOperators.Two(BinaryFunction.Add),
        [("", "Sub")] = ElementwiseOperators.Two(BinaryFunction.Sub),
        [("", "Mul")] = ElementwiseOperators.Two(BinaryFunction.Mul),
        [("", "Div")] = ElementwiseOperators.Two(BinaryFunction.Div),
        [("", "Pow")] = ElementwiseOperators.Two(BinaryFunction.Pow),
        [("", "Min")] = ElementwiseOperators.Many(BinaryFunction.Min),
        [("", "Max")] = ElementwiseOperators.Many(BinaryFunction.Max),
        [("", "Sum")] = ElementwiseOperators.Many(BinaryFunction.Add),
        [("", "Relu")] = ElementwiseOperators.One(UnaryFunction.Relu),
        [("", "HardSwish")] = ElementwiseOperators.One(UnaryFunction.HardSwish),
        [("", "Sigmoid")] = ElementwiseOperators.One(UnaryFunction.Sigmoid),
        [("", "Tanh")] = ElementwiseOperators.One(UnaryFunction.Tanh),
        [("", "Softplus")] = ElementwiseOperators.One(UnaryFunction.Softplus),
        [("", "Erf")] = ElementwiseOperators.One(UnaryFunction.Erf),
        [("", "Exp")] = ElementwiseOperators.One(UnaryFunction.Exp),
        [("", "Log")] = ElementwiseOperators.One(UnaryFunction.Log),
        [("", "Sqrt")] = ElementwiseOperators.One(UnaryFunction.Sqrt),
        [("", "Reciprocal")] = ElementwiseOperators.One(UnaryFunction.Reciprocal),
        [("", "Abs")] = ElementwiseOperators.One(UnaryFunction.Abs),
        [("", "Neg")] = ElementwiseOperators.One(UnaryFunction.Neg),
        [("", "Sign")] = ElementwiseOperators.One(UnaryFunction.Sign),
        [("", "Floor")] = ElementwiseOperators.One(UnaryFunction.Floor),
        [("", "Ceil")] = ElementwiseOperators.One(UnaryFunction.Ceil),
        [("", "Round")] = ElementwiseOperators.One(UnaryFunction.Round),
        [("", "Sin")] = ElementwiseOperators.One(UnaryFunction.Sin),
        [("", "Cos")] = ElementwiseOperators.One(UnaryFunction.Cos),
        [("", "LeakyRelu")] = ElementwiseOperators.WithAlpha(UnaryFunction.LeakyRelu, 0.01f),
        [("", "Elu")] = ElementwiseOperators.WithAlpha(UnaryFunction.Elu, 1),
        [("", "HardSigmoid")] = One(ElementwiseOperators.HardSigmoid),
        [("", "Gelu")] = One(ElementwiseOperators.Gelu),
        [(Microsoft, "Gelu")] = One(ElementwiseOperators.Gelu),
        [("", "Clip")] = One(ElementwiseOperators.Clip),
        [("", "PRelu")] = One(ElementwiseOperators.PRelu),
        [("", "Cast")] = One(ElementwiseOperators.Cast),
        [("", "Identity")] = One(ElementwiseOperators.Identity),
        [("", "Dropout")] = ElementwiseOperators.Dropout,

        [("", "BatchNormalization")] = One(NormalizationOperators.BatchNormalization),
        [("", "LayerNormalization")] = One(NormalizationOperators.LayerNormalization),
        [("", "Softmax")] = NormalizationOperators.Softmax(log: false),
        [("", "LogSoftmax")] = NormalizationOperators.Softmax(log: true),

        [("", "ReduceMean")] = ReductionOperators.Reduce(ReduceFunction.Mean, axesAreInput: 18),
        [("", "ReduceSum")] = ReductionOperators.Reduce(ReduceFunction.Sum, axesAreInput: 13),
        [("", "ReduceMax")] = ReductionOperators.Reduce(ReduceFunction.Max, axesAreInput: 18),
        [("", "ReduceMin")] = ReductionOperators.Reduce(ReduceFunction.Min, axesAreInput: 18),
        [("", "ReduceProd")] = ReductionOperators.Reduce(ReduceFunction.Prod, axesAreInput: 18),
        [("", "ArgMax")] = ReductionOperators.Arg(smallest: false),
        [("", "ArgMin")] = ReductionOperators.Arg(smallest: true),

        [("", "Reshape")] = One(LayoutOperators.Reshape),
        [("", "Flatten")] = One(LayoutOperators.Flatten),
        [("", "Squeeze")] = One(LayoutOperators.Squeeze),
        [("", "Unsqueeze")] = One(LayoutOperators.Unsqueeze),
        [("", "Transpose")] = One(LayoutOperators.Transpose),
        [("", "Concat")] = One(LayoutOperators.Concat),
        [("", "DepthToSpace")] = One(LayoutOperators.DepthToSpace),
        [("", "SpaceToDepth")] = One(LayoutOperators.SpaceToDepth),
        [("", "Slice")] = One(SelectionOperators.Slice),
        [("", "Split")] = SelectionOperators.Split,
        [("", "Gather")] = One(SelectionOperators.Gather),
        [("", "Pad")] = One(SelectionOperators.Pad),
        [("", "Expand")] = One(SelectionOperators.Expand),
        [("", "Tile")] = One(SelectionOperators.Tile),

        [("", "Resize")] = One(ResizeOperators.Resize),
        [("", "Upsample")] = One(ResizeOperators.Upsample),

        [("", "QuantizeLinear")] = One(QuantizationOperators.QuantizeLinear),
        [("", "DequantizeLinear")] = One(QuantizationOperators.DequantizeLinear),
        [(Microsoft, "QuantizeLinear")] = One(QuantizationOperators.QuantizeLinear),
        [(Microsoft, "DequantizeLinear")] = One(QuantizationOperators.DequantizeLinear),
        [("", "QLinearConv")] = One(QLinearOperators.Conv),
        [("", "QLinearMatMul")] = One(QLinearOperators.MatMul),
        [(Microsoft, "QGemm")] = One(QLinearOperators.Gemm),
        [(Microsoft, "QLinearAdd")] = QLinearOperators.Two(BinaryFunction.Add),
        [(Microsoft, "QLinearMul")] = QLinearOperators.Two(BinaryFunction.Mul),
        [(Microsoft, "QLinearSigmoid")] = QLinearOperators.One(UnaryFunction.Sigmoid),
        [(Microsoft, "QLinearLeakyRelu")] = QLinearOperators.One(UnaryFunction.LeakyRelu),
        [(Microsoft, "QLinearGlobalAveragePool")] = One(QLinearOperators.GlobalAveragePool),
        [(Microsoft, "QLinearAveragePool")] = One(QLinearOperators.AveragePool),
        [(Microsoft, "QLinearSoftmax")] = One(QLinearOperators.Softmax),
        [(Microsoft, "QLinearConcat")] = One(QLinearOperators.Concat),

        [(Ml, "TreeEnsembleClassifier")] = TreeOperators.Classifier,
        [(Ml, "TreeEnsembleRegressor")] = One(TreeOperators.Regressor),
        [(Ml, "TreeEnsemble")] = One(TreeOperators.Ensemble),
        [(Ml, "LinearClassifier")] = LinearOperators.Classifier,
        [(Ml, "LinearRegressor")] = One(LinearOperators.Regressor),
        [(Ml, "Scaler")] = One(LinearOperators.Scaler),
        [(Ml, "Normalizer")] = One(ClassScores.Normalizer),
        [(Ml, "ZipMap")] = One(ClassScores.ZipMap),
        [(Ml, "ArrayFeatureExtractor")] = One(ClassScores.ArrayFeatureExtractor),

        [("", "Constant")] = One(ConstantOperators.Constant),
        [("", "ConstantOfShape")] = One(ConstantOperators.ConstantOfShape),
        [("", "Shape")] = One(ConstantOperators.ShapeOf),
        [("", "Size")] = One(ConstantOperators.Size),
        [("", "Range")] = One(ConstantOperators.Range),
        [("", "Equal")] = ConstantOperators.Compare((a, b) => a == b),
        [("", "Less")] = ConstantOperators.Compare((a, b) => a < b),
        [("", "LessOrEqual")] = ConstantOperators.Compare((a, b) => a <= b),
        [("", "Greater")] = ConstantOperators.Compare((a, b) => a > b),
        [("", "GreaterOrEqual")] = ConstantOperators.Compare((a, b) => a >= b),
        [("", "Not")] = One(ConstantOperators.Not),
        [("", "Where")] = One(ConstantOperators.Where),
    };

    /// <summary>The operator's handler; null where it is not supported.</summary>
    public static Handler? Find(string domain, string opType) => s_handlers.GetValueOrDefault((domain, opType));

    /// <summary>Whether the operator can take constants of integers that stand for reals as they are.</summary>
    public static bool TakesQuantizedConstants(OnnxNode node) =>
        node.Domain.Length == 0 && node.OpType is "Conv" or "ConvTranspose" or "Gemm" or "MatMul" or "Transpose";

    private static Handler One(Func<OnnxNode, OnnxGraphBuilder, Value> import) => (node, builder) => [import(node, builder)];
}
