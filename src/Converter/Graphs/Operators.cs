namespace TinyInference.Converter.Graphs;

/// <summary>
/// What a <see cref="Node"/> computes, with its attributes; immutable. Shapes are in the values. Inputs are listed as
/// name [shape]; a trailing "?" marks an optional one. N batch, H height, W width, C channels, O output channels.
/// </summary>
internal abstract record Operator
{
    /// <summary>The operator's name as docs and output use it.</summary>
    public virtual string Kind => GetType().Name;
}

/// <summary>The range that an operator's result is clamped to: the activation fused into it. Relu is (0, +inf), Relu6 (0, 6).</summary>
internal readonly record struct Clamp(float Min, float Max)
{
    public static readonly Clamp None = new(float.NegativeInfinity, float.PositiveInfinity);
    public static readonly Clamp Relu = new(0, float.PositiveInfinity);
    public static readonly Clamp Relu6 = new(0, 6);

    public bool IsNone => this == None;

    /// <summary>The clamp that does what this one and then <paramref name="next"/> do.</summary>
    public Clamp Then(Clamp next) => new(Math.Clamp(Min, next.Min, next.Max), Math.Clamp(Max, next.Min, next.Max));

    public float Apply(float x) => Math.Min(Math.Max(x, Min), Max);

    public override string ToString() => this == None ? "" : this == Relu ? "Relu" : this == Relu6 ? "Relu6" : $"[{Min}, {Max}]";
}

/// <summary>How a window moves over height and width. Padding is explicit; SAME and VALID are resolved on import.</summary>
internal readonly record struct Window(
    int KernelH, int KernelW, int StrideH = 1, int StrideW = 1, int DilationH = 1, int DilationW = 1,
    int PadTop = 0, int PadBottom = 0, int PadLeft = 0, int PadRight = 0)
{
    public bool HasPadding => (PadTop | PadBottom | PadLeft | PadRight) != 0;

    /// <summary>Rows of the output for <paramref name="height"/> rows of input, rounded down.</summary>
    public int OutputHeight(int height) => Extent(height + PadTop + PadBottom, KernelH, StrideH, DilationH);

    /// <summary>Columns of the output for <paramref name="width"/> columns of input, rounded down.</summary>
    public int OutputWidth(int width) => Extent(width + PadLeft + PadRight, KernelW, StrideW, DilationW);

    private static int Extent(int padded, int kernel, int stride, int dilation) => ((padded - ((kernel - 1) * dilation) - 1) / stride) + 1;
}

/// <summary>x [N,H,W,C], weights [O,KH,KW,C/Groups], bias [O]? to [N,OH,OW,O]. Conv1D has H = KH = 1.</summary>
internal sealed record Conv2D(Window Window, int Groups, Clamp Clamp) : Operator;

/// <summary>x [N,H,W,C], weights [1,KH,KW,C*m], bias [C*m]? to [N,OH,OW,C*m]; output channel c*m+j reads input channel c.</summary>
internal sealed record DepthwiseConv2D(Window Window, Clamp Clamp) : Operator;

/// <summary>
/// x [N,H,W,C], weights [O,KH,KW,C/Groups], bias [O]? to [N,OH,OW,O]: each input element adds its weighted kernel to the output at
/// (h * StrideH - PadTop, w * StrideW - PadLeft). The output's size is its value's shape (padding right and bottom follow from it).
/// </summary>
internal sealed record TransposeConv2D(Window Window, int Groups, Clamp Clamp) : Operator;

/// <summary>x [...,K], weights [O,K], bias [O]? to [...,O].</summary>
/// <param name="IsWide">Quantized, the output is int16 with a power of two as scale: logits whose logarithmic probabilities matter.</param>
internal sealed record FullyConnected(Clamp Clamp, bool IsWide = false) : Operator;

internal enum RecurrentCellKind
{
    /// <summary>One gate: h' = tanh(W x + R h + b).</summary>
    SimpleRnn,
    /// <summary>
    /// Gates z, r, n: h' = n + z (h - n). The reset gate acts after the state's product, n = tanh(Wn x + bn + r (Rn h + cn)) (ONNX linear_before_reset 1), or before
    /// it, n = tanh(Wn x + bn + Rn (r h) + cn).
    /// </summary>
    Gru,
    /// <summary>Gates i, o, f, g: c' = f c + i g, h' = o tanh(c').</summary>
    Lstm,
}

/// <summary>The two functions of a recurrent layer: of its gates, and of its candidates and states.</summary>
internal enum GateForm
{
    /// <summary>Sigmoid and tanh.</summary>
    Smooth,
    /// <summary>clip(0.2 x + 0.5, 0, 1) and clip(x, -1, 1).</summary>
    Hard,
    /// <summary>clip(0.2 x + 0.5, 0, 1) and tanh.</summary>
    HardSigmoid,
}

/// <summary>
/// A recurrent layer: x [N,T,I], weights W [G*H,I] and R [G*H,H], biases [G*H]? of either product, to the state after each step, [N,T,H]. Gates G in ONNX's
/// order. Float execution begins each run with a state of 0; a blob carries the state over from run to run.
/// </summary>
/// <param name="Form">The functions of its gates and states.</param>
/// <param name="TimeMajor">x is [T,N,I], the output [T,N,H].</param>
/// <param name="CellClip">LSTM: the cell state is clamped to this magnitude; 0 for no clamp.</param>
/// <param name="CellScale">LSTM: the scale of the int16 cell state, a power of two; 0 where none is given.</param>
/// <param name="ResetsBefore">GRU: the reset gate acts on the state before its product, not on the product.</param>
internal sealed record Recurrent(
    RecurrentCellKind Cell, GateForm Form = GateForm.Smooth, bool TimeMajor = false, float CellClip = 0, float CellScale = 0, bool ResetsBefore = false) : Operator
{
    public override string Kind => Cell.ToString();

    /// <summary>Gates of the cell: how many times as many rows as units its weights have.</summary>
    public int Gates => Cell switch
    {
        RecurrentCellKind.SimpleRnn => 1,
        RecurrentCellKind.Gru => 3,
        _ => 4,
    };
}

/// <summary>a [...,M,K], b [...,K,N] (neither need be constant; leading dimensions broadcast) to [...,M,N].</summary>
internal sealed record MatMul : Operator;

internal enum BinaryFunction
{
    Add,
    Sub,
    Mul,
    Div,
    Min,
    Max,
    Pow,
}

/// <summary>a, b to their elementwise function, broadcast as NumPy does, then clamped.</summary>
internal sealed record Binary(BinaryFunction Function, Clamp Clamp) : Operator
{
    public override string Kind => Function.ToString();
}

internal enum UnaryFunction
{
    Relu,
    Relu6,
    /// <summary>min(max(x, Alpha), Beta).</summary>
    Clip,
    /// <summary>x if x is 0 or more, else Alpha * x.</summary>
    LeakyRelu,
    /// <summary>x * HardSigmoid(x) with Alpha 1/6 and Beta 1/2.</summary>
    HardSwish,
    /// <summary>max(0, min(1, Alpha * x + Beta)).</summary>
    HardSigmoid,
    Sigmoid,
    Tanh,
    /// <summary>x if x is 0 or more, else Alpha * (exp(x) - 1).</summary>
    Elu,
    /// <summary>x * (1 + erf(x / sqrt 2)) / 2, or with Alpha 1 the approximation of it by tanh.</summary>
    Gelu,
    Softplus,
    Erf,
    Exp,
    Log,
    Sqrt,
    Rsqrt,
    Square,
    Reciprocal,
    Abs,
    Neg,
    Sign,
    Floor,
    Ceil,
    Round,
    Sin,
    Cos,
}

/// <summary>x to a function of each element. Int8: a table of 256 entries, whatever the function.</summary>
/// <param name="Alpha">First parameter of those functions that have one.</param>
/// <param name="Beta">Second parameter of those functions that have one.</param>
internal sealed record Unary(UnaryFunction Function, float Alpha = 0, float Beta = 0) : Operator
{
    public override string Kind => Function.ToString();
}

/// <summary>x [...,C], slope [C] (or one element) to x where it is 0 or more, else slope * x.</summary>
internal sealed record PRelu : Operator;

internal enum PoolFunction
{
    Average,
    Max,
}

/// <summary>x [N,H,W,C] to [N,OH,OW,C]. Global pooling has the input's height and width as kernel.</summary>
/// <param name="CountPadding">Average only: whether padded elements count in the divisor (ONNX count_include_pad).</param>
internal sealed record Pool2D(PoolFunction Function, Window Window, bool CountPadding, Clamp Clamp) : Operator
{
    public override string Kind => Function + "Pool2D";
}

internal enum ReduceFunction
{
    Mean,
    Sum,
    Max,
    Min,
    Prod,
}

/// <summary>x to its reduction over <paramref name="Axes"/> (ascending, not negative).</summary>
internal sealed record Reduce(ReduceFunction Function, int[] Axes, bool KeepDimensions) : Operator
{
    public override string Kind => Function == ReduceFunction.Mean ? "Mean" : "Reduce" + Function;
}

internal enum PadMode
{
    Constant,
    Reflect,
    Symmetric,
    Edge,
}

/// <summary>x to x with <paramref name="Before"/> and <paramref name="After"/> elements added to each dimension.</summary>
internal sealed record Pad(int[] Before, int[] After, PadMode Mode, float Value) : Operator;

/// <summary>Any number of inputs, joined along <paramref name="Axis"/> (not negative).</summary>
internal sealed record Concat(int Axis) : Operator;

/// <summary>x to the same elements under the output's shape (Flatten, Squeeze and Unsqueeze too).</summary>
internal sealed record Reshape : Operator;

/// <summary>x to y where dimension i of y is dimension Permutation[i] of x.</summary>
internal sealed record Transpose(int[] Permutation) : Operator;

/// <summary>x to the elements from Begin, every Step (may be negative), as many as the output's shape has.</summary>
internal sealed record Slice(int[] Begin, int[] Step) : Operator;

/// <summary>x to exp(Beta * x) / sum along <paramref name="Axis"/> (not negative); with <paramref name="Log"/> its logarithm.</summary>
internal sealed record Softmax(int Axis, float Beta, bool Log = false) : Operator
{
    public override string Kind => Log ? "LogSoftmax" : "Softmax";
}

/// <summary>x [...,C], scale [C], bias [C], mean [C], variance [C] to (x - mean) / sqrt(variance + Epsilon) * scale + bias.</summary>
internal sealed record BatchNorm(float Epsilon) : Operator;

/// <summary>x [...,C], scale [C], bias [C] to (x - mean) / sqrt(variance + Epsilon) * scale + bias, mean and variance being those of each C numbers (J. L. Ba et al., arXiv 1607.06450).</summary>
internal sealed record LayerNorm(float Epsilon, Clamp Clamp) : Operator;

/// <summary>x to its nearest int8 under the output's quantization parameters.</summary>
internal sealed record Quantize : Operator;

/// <summary>x (with quantization parameters) to the reals that it stands for.</summary>
internal sealed record Dequantize : Operator;

internal enum ResizeFunction
{
    Nearest,
    Bilinear,
}

/// <summary>Where output index i lies in the input, for a dimension scaled by s = out / in.</summary>
internal enum ResizeCoordinates
{
    /// <summary>i / s.</summary>
    Asymmetric,
    /// <summary>(i + 0.5) / s - 0.5.</summary>
    HalfPixel,
    /// <summary>i * (in - 1) / (out - 1).</summary>
    AlignCorners,
    /// <summary>As HalfPixel, but 0 where out is 1 (ONNX pytorch_half_pixel).</summary>
    PytorchHalfPixel,
}

internal enum NearestRounding
{
    Floor,
    Ceil,
    RoundPreferFloor,
    RoundPreferCeil,
}

/// <summary>x [N,H,W,C] to [N,OH,OW,C].</summary>
/// <param name="ScaleH">OH / H as the file states it, where it differs from the quotient of the sizes; otherwise 0.</param>
/// <param name="ScaleW">As <paramref name="ScaleH"/>, for the width.</param>
internal sealed record Resize(ResizeFunction Function, ResizeCoordinates Coordinates, NearestRounding Rounding, float ScaleH = 0, float ScaleW = 0) : Operator
{
    public override string Kind => "Resize" + Function;
}

/// <summary>data, indices (integers) to data[..., indices, ...] at <paramref name="Axis"/> (not negative).</summary>
internal sealed record Gather(int Axis) : Operator;

/// <summary>x to the index of its largest (or smallest) element along <paramref name="Axis"/> (not negative), the first of equals unless <paramref name="LastOfEquals"/>.</summary>
internal sealed record ArgMax(int Axis, bool KeepDimensions, bool LastOfEquals = false, bool Smallest = false) : Operator
{
    public override string Kind => Smallest ? "ArgMin" : "ArgMax";
}

/// <summary>x to x as the output's element type.</summary>
internal sealed record Cast : Operator;

/// <summary>x to x.</summary>
internal sealed record Identity : Operator;
