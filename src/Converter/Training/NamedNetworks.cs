using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Training.Trees;

namespace TinyInference.Converter.Training;

/// <summary>The networks that can be asked for by name: <c>lenet5</c>, <c>mlp:24-64-32-4</c>, <c>mobilenetv1:alpha=0.25,size=96</c>.</summary>
internal static class NamedNetworks
{
    private static readonly Dictionary<string, Action<Request>> s_networks = new(StringComparer.OrdinalIgnoreCase)
    {
        ["linear"] = Linear,
        ["mlp"] = Mlp,
        ["lenet300"] = LeNet300,
        ["lenet5"] = LeNet5,
        ["autoencoder"] = Autoencoder,
        ["dscnn"] = DsCnn,
        ["resnet8"] = ResNet8,
        ["mobilenetv1"] = MobileNetV1,
        ["mobilenetv2"] = MobileNetV2,
        ["rnn"] = request => Sequence(request, RecurrentCellKind.SimpleRnn),
        ["gru"] = request => Sequence(request, RecurrentCellKind.Gru),
        ["lstm"] = request => Sequence(request, RecurrentCellKind.Lstm),
    };

    public static IEnumerable<string> Names => s_networks.Keys;

    /// <summary>Builds the network that <paramref name="text"/> names.</summary>
    /// <param name="text">NAME or NAME:ARGUMENTS.</param>
    /// <param name="sample">The shape of one sample, without batch: [H,W,C] or [features].</param>
    /// <param name="classes">Classes to tell apart; 0 for a network that reconstructs its input, or learns a number.</param>
    /// <param name="isRegression">Whether it learns a number: then there is one output, and no softmax.</param>
    /// <exception cref="InputException">No such network, or its layers do not fit the sample.</exception>
    public static Graph Create(string text, Shape sample, int classes, int seed, bool isRegression = false)
    {
        string[] parts = text.Split(':', 2);
        if (!s_networks.TryGetValue(parts[0], out Action<Request>? build))
        {
            throw new InputException($"no network is called '{parts[0]}'; there are {string.Join(", ", Names)}; of trees, which only 'train' knows: {string.Join(", ", TreeModels.Names)}");
        }

        var request = new Request(text, parts.Length > 1 ? parts[1] : "", sample, isRegression ? 1 : classes, isRegression, seed);
        build(request);
        request.CheckArguments();
        return request.Builder.Build();
    }

    private static void Linear(Request request) => request.Decide(request.Builder);

    private static void Mlp(Request request)
    {
        int[] widths = request.Widths();
        if (widths.Length < 2 || widths[0] != request.Sample.ElementCount || widths[^1] != request.Outputs)
        {
            throw new InputException($"{request.Text}: an mlp here goes from {request.Sample.ElementCount} inputs to {request.Outputs} {(request.IsRegression ? "number" : "classes")}: mlp:{request.Sample.ElementCount}-64-32-{request.Outputs}");
        }

        foreach (int width in widths[1..^1])
        {
            request.Normalize(request.Builder.FullyConnected(width), "none").Relu();
        }

        request.Decide(request.Builder);
    }

    /// <summary>LeNet-300-100 (LeCun et al. 1998): two hidden layers.</summary>
    private static void LeNet300(Request request) =>
        request.Decide(request.Builder.FullyConnected(300).Relu().FullyConnected(100).Relu());

    /// <summary>LeNet-5 as pruning papers use it (Caffe's): 20 and 50 kernels of 5x5, 500 hidden neurons.</summary>
    private static void LeNet5(Request request) => request.Decide(request.ImageBuilder()
        .Conv2D(20, 5, 5, same: false).Pool(PoolFunction.Max, 2, 2)
        .Conv2D(50, 5, 5, same: false).Pool(PoolFunction.Max, 2, 2)
        .FullyConnected(500).Relu());

    /// <summary>The widths from input to bottleneck, then mirrored; the output has no activation.</summary>
    private static void Autoencoder(Request request)
    {
        int[] widths = request.Widths();
        if (widths.Length < 2 || widths[0] != request.Sample.ElementCount)
        {
            throw new InputException($"{request.Text}: an autoencoder here starts with {request.Sample.ElementCount} inputs: autoencoder:{request.Sample.ElementCount}-128-8");
        }

        foreach (int width in widths[1..].Concat(widths[1..^1].Reverse()))
        {
            request.Builder.FullyConnected(width).BatchNorm().Relu();
        }

        request.Builder.FullyConnected(widths[0]);
    }

    /// <summary>The depthwise-separable network of MLPerf Tiny's keyword spotting (Zhang et al., arXiv 1711.07128).</summary>
    private static void DsCnn(Request request)
    {
        NetworkBuilder builder = request.ImageBuilder();
        bool spectrogram = request.Sample[0] > 2 * request.Sample[1];
        int width = request.Integer("width", 64);
        int blocks = request.Integer("blocks", 4);

        // Batch norm takes every bias away again; layer norm takes the scale of a position away, and without a bias what is dark would be noise.
        bool bias = !request.HasBatchNorm;
        Normalized(builder.Conv2D(width, spectrogram ? 10 : 4, 4, 2, bias: bias));
        for (int i = 0; i < blocks; i++)
        {
            Normalized(builder.DepthwiseConv2D(3, 3, bias: bias));
            Normalized(builder.Conv2D(width, 1, 1, bias: bias));
        }

        request.Decide(builder.GlobalAveragePool());

        void Normalized(NetworkBuilder layer) => request.Normalize(layer, Request.BatchNorm).Relu();
    }

    /// <summary>The residual network of MLPerf Tiny's image classification: three stacks of 16, 32 and 64 channels.</summary>
    private static void ResNet8(Request request)
    {
        NetworkBuilder builder = request.ImageBuilder();
        int width = request.Integer("width", 16);
        builder.Conv2D(width, 3, 3, bias: false).BatchNorm().Relu();
        for (int stack = 0; stack < 3; stack++)
        {
            int stride = stack == 0 ? 1 : 2;
            int channels = width << stack;
            Value input = builder.Current;
            builder.Conv2D(channels, 3, 3, stride, bias: false).BatchNorm().Relu().Conv2D(channels, 3, 3, bias: false).BatchNorm();
            Value residual = builder.Current;
            builder.Current = input;
            if (stack > 0)
            {
                builder.Conv2D(channels, 1, 1, stride);
            }

            builder.Add(residual).Relu();
        }

        request.Decide(builder.GlobalAveragePool());
    }

    /// <summary>A recurrent cell that reads a sample row after row; its last state tells the class.</summary>
    private static void Sequence(Request request, RecurrentCellKind kind)
    {
        if (request.Sample.Rank < 2)
        {
            throw new InputException($"{request.Text}: this network reads sequences (steps x numbers), but a sample here is {request.Sample}; try mlp or linear");
        }

        request.Decide(request.Builder.Rows().Recurrent(kind, request.Integer("units", 32)));
    }

    /// <summary>MobileNet (arXiv 1704.04861), width multiplier alpha.</summary>
    private static void MobileNetV1(Request request)
    {
        request.CheckSize();
        NetworkBuilder builder = request.ImageBuilder();
        builder.Conv2D(request.Scaled(32), 3, 3, 2, bias: false).BatchNorm().Relu();
        (int Channels, int Stride)[] blocks =
        [
            (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1), (512, 1), (512, 1), (512, 1), (512, 1), (1024, 2), (1024, 1),
        ];
        foreach ((int channels, int stride) in blocks)
        {
            builder.DepthwiseConv2D(3, 3, stride, bias: false).BatchNorm().Relu().Conv2D(request.Scaled(channels), 1, 1, bias: false).BatchNorm().Relu();
        }

        request.Decide(builder.GlobalAveragePool());
    }

    /// <summary>MobileNetV2 (arXiv 1801.04381, table 2): inverted residuals with linear bottlenecks, width multiplier alpha.</summary>
    private static void MobileNetV2(Request request)
    {
        request.CheckSize();
        NetworkBuilder builder = request.ImageBuilder();
        builder.Conv2D(request.Scaled(32), 3, 3, 2, bias: false).BatchNorm().Unary(UnaryFunction.Relu6);
        (int Expansion, int Channels, int Repeats, int Stride)[] stages =
            [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)];
        foreach ((int expansion, int channels, int repeats, int firstStride) in stages)
        {
            for (int i = 0; i < repeats; i++)
            {
                InvertedResidual(builder, expansion, request.Scaled(channels), i == 0 ? firstStride : 1);
            }
        }

        builder.Conv2D(Math.Max(request.Scaled(1280), 64), 1, 1, bias: false).BatchNorm().Unary(UnaryFunction.Relu6);
        request.Decide(builder.GlobalAveragePool());
    }

    private static void InvertedResidual(NetworkBuilder builder, int expansion, int channels, int stride)
    {
        Value input = builder.Current;
        if (expansion > 1)
        {
            builder.Conv2D(input.Shape[3] * expansion, 1, 1, bias: false).BatchNorm().Unary(UnaryFunction.Relu6);
        }

        builder.DepthwiseConv2D(3, 3, stride, bias: false).BatchNorm().Unary(UnaryFunction.Relu6).Conv2D(channels, 1, 1, bias: false).BatchNorm();
        if (stride == 1 && input.Shape[3] == channels)
        {
            builder.Add(input);
        }
    }

    /// <summary>What was asked for, and the builder that the answer goes into.</summary>
    private sealed class Request
    {
        public const string BatchNorm = "batch";

        private readonly Dictionary<string, string> _arguments = new(StringComparer.OrdinalIgnoreCase);
        private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);
        private readonly string _argumentText;

        public Request(string text, string arguments, Shape sample, int outputs, bool isRegression, int seed)
        {
            Text = text;
            Sample = sample;
            Outputs = outputs;
            IsRegression = isRegression;
            _argumentText = arguments;
            Builder = new NetworkBuilder(text, new Shape([1, .. sample]), seed);
            foreach (string argument in arguments.Split(',', StringSplitOptions.RemoveEmptyEntries).Where(a => a.Contains('=')))
            {
                string[] pair = argument.Split('=', 2);
                _arguments[pair[0].Trim()] = pair[1].Trim();
            }
        }

        public string Text { get; }

        public Shape Sample { get; }

        public int Outputs { get; }

        public bool IsRegression { get; }

        public NetworkBuilder Builder { get; }

        public NetworkBuilder ImageBuilder() => Sample.Rank == 3
            ? Builder
            : throw new InputException($"{Text}: this network reads images (height x width x channels), but a sample here is {Sample}; try mlp or linear");

        /// <summary>The last layer: a score for each class and softmax, or a number.</summary>
        public void Decide(NetworkBuilder features)
        {
            NetworkBuilder scores = features.FullyConnected(Outputs);
            if (!IsRegression)
            {
                scores.Softmax();
            }
        }

        /// <summary>Whether a network that has batch norm unless something else is asked for has it.</summary>
        public bool HasBatchNorm => Word("norm", BatchNorm) == BatchNorm;

        /// <summary>What norm=none, batch or layer asks for.</summary>
        public NetworkBuilder Normalize(NetworkBuilder layer, string otherwise) => Word("norm", otherwise) switch
        {
            "none" => layer,
            BatchNorm => layer.BatchNorm(),
            "layer" => layer.LayerNorm(),
            var text => throw new InputException($"{Text}: norm={text} is none of none, batch, layer"),
        };

        public int[] Widths()
        {
            string first = _argumentText.Split(',')[0];
            _known.Add(first.Trim());
            string[] words = first.Split('-');
            int[] widths = [.. words.Select(w => int.TryParse(w, out int width) && width is > 0 and <= 1_000_000 ? width : 0)];
            return widths.Contains(0) ? throw new InputException($"{Text}: expected widths apart by '-', as in mlp:24-64-32-4") : widths;
        }

        public int Integer(string key, int otherwise) => !TryFind(key, out string? text)
            ? otherwise
            : int.TryParse(text, out int value) && value is > 0 and <= 4096 ? value : throw new InputException($"{Text}: {key}={text} is not a number from 1 to 4096");

        public void CheckSize()
        {
            if (TryFind("size", out _) && Integer("size", 0) is var size && Sample.Rank == 3 && (Sample[0] != size || Sample[1] != size))
            {
                throw new InputException($"{Text}: size={size}, but the samples are {Sample}");
            }
        }

        /// <summary>Refuses what the network did not ask for.</summary>
        public void CheckArguments()
        {
            string[] unknown = [.. _argumentText.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(a => a.Split('=')[0].Trim()).Where(a => !_known.Contains(a))];
            if (unknown.Length > 0)
            {
                string[] names = [.. _known.Where(k => k.All(char.IsLetter)).Order(StringComparer.Ordinal)];
                string takes = names.Length == 0 ? "it takes none" : $"it takes {string.Join(", ", names)}";
                throw new InputException($"{Text}: this network has no argument '{unknown[0]}'; {takes}");
            }
        }

        private string Word(string key, string otherwise) => TryFind(key, out string? text) ? text : otherwise;

        private bool TryFind(string key, [NotNullWhen(true)] out string? text)
        {
            _known.Add(key);
            return _arguments.TryGetValue(key, out text);
        }

        /// <summary>Channels times alpha, rounded to a multiple of 8 and at least 8 (as in the reference implementation).</summary>
        public int Scaled(int channels)
        {
            double alpha = 1;
            if (TryFind("alpha", out string? text) && (!double.TryParse(text, CultureInfo.InvariantCulture, out alpha) || alpha is not (> 0 and <= 4)))
            {
                throw new InputException($"{Text}: alpha={text} is not a number above 0 and up to 4");
            }

            double scaled = channels * alpha;
            int rounded = Math.Max(8, (int)(scaled + 4) / 8 * 8);
            return rounded < 0.9 * scaled ? rounded + 8 : rounded;
        }
    }
}
