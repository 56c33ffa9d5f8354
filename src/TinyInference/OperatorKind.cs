namespace TinyInference;

/// <summary>What an operator of a blob computes. Parameters and layouts: docs/SPEC.md.</summary>
public enum OperatorKind : byte
{
    /// <summary>Convolution over height and width, grouped or not.</summary>
    Conv2D = 1,

    /// <summary>Convolution of each channel by itself.</summary>
    DepthwiseConv2D = 2,

    /// <summary>Matrix times vector.</summary>
    FullyConnected = 3,

    /// <summary>Elementwise sum.</summary>
    Add = 4,

    /// <summary>Elementwise difference.</summary>
    Sub = 5,

    /// <summary>Elementwise product.</summary>
    Mul = 6,

    /// <summary>Mean of each window.</summary>
    AveragePool2D = 7,

    /// <summary>Largest of each window.</summary>
    MaxPool2D = 8,

    /// <summary>Mean over some dimensions.</summary>
    Mean = 9,

    /// <summary>Elements of one value around the input.</summary>
    Pad = 10,

    /// <summary>Inputs joined along one dimension.</summary>
    Concatenation = 11,

    /// <summary>Elements in another order: transpose and slice.</summary>
    StridedCopy = 12,

    /// <summary>Each element through a table of 256.</summary>
    Lookup = 13,

    /// <summary>Probabilities along the last dimension.</summary>
    Softmax = 14,

    /// <summary>Transposed convolution.</summary>
    TransposeConv2D = 15,

    /// <summary>Another height and width, by the nearest element.</summary>
    ResizeNearest = 16,

    /// <summary>Another height and width, by interpolation.</summary>
    ResizeBilinear = 17,

    /// <summary>Slices chosen by indices.</summary>
    Gather = 18,

    /// <summary>Index of the largest element.</summary>
    ArgMax = 19,

    /// <summary>Product of two activations.</summary>
    BatchMatMul = 20,

    /// <summary>Rows of a constant table.</summary>
    Embedding = 21,

    /// <summary>Long short-term memory.</summary>
    UnidirectionalSequenceLstm = 22,

    /// <summary>Simple recurrent cell or gated recurrent unit.</summary>
    RecurrentCell = 23,

    /// <summary>Rows brought to mean 0 and deviation 1, then scaled.</summary>
    LayerNorm = 24,

    /// <summary>Sums of what the leaves of decision trees give.</summary>
    TreeEnsemble = 30,

    /// <summary>Matrix times vector, between activations whose scale is chosen for each input.</summary>
    DynamicFullyConnected = 40,

    /// <summary>Convolution, between activations whose scale is chosen for each input.</summary>
    DynamicConv2D = 41,

    /// <summary>Sum of two activations whose scale is chosen for each input.</summary>
    DynamicAdd = 42,

    /// <summary>From a scale that is chosen for each input to one that is always the same.</summary>
    FixScale = 43,

    /// <summary>Mean of each window, between activations whose scale is chosen for each input.</summary>
    DynamicAveragePool2D = 44,
}
