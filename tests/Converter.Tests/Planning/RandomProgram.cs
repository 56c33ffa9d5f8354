using TinyInference.Converter.Lowering;
using TinyInference.Converter.Planning;

namespace Converter.Tests.Planning;

using TinyInference;
using TinyInference.Converter.Graphs;

/// <summary>Programs of a few operators on images, with random shapes, windows and weights.</summary>
internal static class RandomProgram
{
    private static readonly QuantizationParameters s_activation = new(0.05f, -5);

    /// <summary>One operator after the other; sums join what has the same shape.</summary>
    public static BlobProgram Chain(Random random, int operators, int largest = 14)
    {
        var program = new BlobProgram { Name = "random" };
        program.Inputs.Add(Add(program, "x", new Shape(1, random.Next(2, largest + 1), random.Next(2, largest + 1), random.Next(1, 13))));
        while (program.Operators.Count < operators)
        {
            Append(program, random);
        }

        program.Outputs.Add(program.Tensors[^1]);
        KernelSelection.Apply(program, (KernelPreference)random.Next(3));
        return program;
    }

    /// <summary>Every tensor and window region in bytes of its own.</summary>
    public static MemoryPlan Separate(BlobProgram program)
    {
        int end = 0;
        var offsets = new Dictionary<BlobTensor, int>();
        foreach (BlobTensor tensor in program.Tensors.Where(t => t.Storage == t))
        {
            offsets.Add(tensor, end);
            end += tensor.ByteCount;
        }

        foreach (BlobTensor view in program.Tensors.Where(t => t.Storage != t))
        {
            offsets.Add(view, offsets[view.Storage] + view.StorageOffset);
        }

        var patches = new int[program.Operators.Count];
        for (int i = 0; i < patches.Length; i++)
        {
            patches[i] = program.Operators[i].PatchBytes == 0 ? -1 : end;
            end += program.Operators[i].PatchBytes;
        }

        return Plan(offsets, patches, end);
    }

    /// <summary>One operator with its output from the arena's first byte on, and its input so many bytes behind.</summary>
    public static MemoryPlan Overlaid(BlobProgram program, int guard)
    {
        BlobTensor x = program.Inputs[0];
        BlobTensor y = program.Outputs[0];
        int end = Math.Max(guard + x.ByteCount, y.ByteCount);
        int patch = program.Operators[0].PatchBytes;
        return Plan(new Dictionary<BlobTensor, int> { [y] = 0, [x] = guard }, [patch == 0 ? -1 : end], end + patch);
    }

    private static MemoryPlan Plan(Dictionary<BlobTensor, int> offsets, int[] patches, int bytes) => new()
    {
        ArenaBytes = bytes,
        ScratchBytes = 0,
        LowerBound = 0,
        PeakOperator = -1,
        LiveBytesPerOperator = [],
        Buffers = [],
        Offsets = offsets,
        PatchOffsets = patches,
    };

    private static BlobTensor Add(BlobProgram program, string name, Shape shape)
    {
        var tensor = new BlobTensor(name, TensorType.Int8, shape, s_activation);
        program.Tensors.Add(tensor);
        return tensor;
    }

    private static void Append(BlobProgram program, Random random)
    {
        BlobTensor x = program.Tensors[^1];
        BlobTensor[] same = [.. program.Tensors.Where(t => t != x && t.Shape.Equals(x.Shape))];
        int kind = random.Next(9);
        if (kind == 0)
        {
            Lookup(program, x, random);
        }
        else if (kind == 1 && same.Length > 0)
        {
            Sum(program, x, same[random.Next(same.Length)]);
        }
        else if (kind == 8)
        {
            Norm(program, x, random);
        }
        else
        {
            Windowed(program, x, kind, random);
        }
    }

    private static void Lookup(BlobProgram program, BlobTensor x, Random random)
    {
        var table = new sbyte[256];
        random.NextBytes((byte[])(Array)table);
        program.Operators.Add(new BlobOperator(OperatorKind.Lookup, "lookup", [x], Add(program, $"t{program.Tensors.Count}", x.Shape)) { Weights = table });
    }

    private static void Norm(BlobProgram program, BlobTensor x, Random random)
    {
        int depth = x.Shape[3];
        program.Operators.Add(new BlobOperator(OperatorKind.LayerNorm, "norm", [x], Add(program, $"t{program.Tensors.Count}", x.Shape))
        {
            Parameters = [x.Shape.ElementCount / depth, depth, random.Next(1000), 0, 20, -128, 127],
            Biases = [.. Enumerable.Range(0, 2 * depth).Select(i => i < depth ? random.Next(10_000, 32_768) : random.Next(-40 << 20, 40 << 20))],
        });
    }

    private static void Sum(BlobProgram program, BlobTensor a, BlobTensor b)
    {
        const int Half = 1 << 30;
        BlobTensor y = Add(program, $"t{program.Tensors.Count}", a.Shape);
        program.Operators.Add(new BlobOperator(OperatorKind.Add, "sum", [a, b], y)
        {
            Parameters = [20, -5, Half, -1, -5, Half, 0, -5, Half, -18, -128, 127, 1, a.Shape.ElementCount, 1, 1],
        });
    }

    private static void Windowed(BlobProgram program, BlobTensor x, int kind, Random random)
    {
        int kernelH = Math.Min(random.Next(1, 4), x.Shape[1]);
        int kernelW = Math.Min(random.Next(1, 4), x.Shape[2]);
        (kernelH, kernelW) = random.Next(4) == 0 ? (1, 1) : kind >= 6 && x.Shape[1] > 2 && x.Shape[2] > 2 ? (3, 3) : (kernelH, kernelW);
        bool isPool = kind == 2;
        int dilationH = isPool || random.Next(4) != 0 ? 1 : 2;
        int dilationW = isPool || random.Next(4) != 0 ? 1 : 2;
        int reachH = (kernelH - 1) * dilationH;
        int reachW = (kernelW - 1) * dilationW;
        int strideH = random.Next(1, 3);
        int strideW = random.Next(1, 3);
        int top = random.Next(0, kernelH);
        int left = random.Next(0, kernelW);
        int height = ((x.Shape[1] + top + random.Next(0, kernelH) - reachH - 1) / strideH) + 1;
        int width = ((x.Shape[2] + left + random.Next(0, kernelW) - reachW - 1) / strideW) + 1;
        if (x.Shape[1] + top < reachH + 1 || x.Shape[2] + left < reachW + 1)
        {
            return;
        }

        int[] window = [kernelH, kernelW, strideH, strideW];
        int channels = x.Shape[3];
        if (isPool)
        {
            BlobTensor pooled = Add(program, $"t{program.Tensors.Count}", new Shape(1, height, width, channels));
            program.Operators.Add(new BlobOperator(random.Next(2) == 0 ? OperatorKind.AveragePool2D : OperatorKind.MaxPool2D, "pool", [x], pooled)
            {
                Parameters = [.. window, top, left, -128, 127],
            });
            return;
        }

        bool isDepthwise = kind is 3 or 6;
        int multiplier = random.Next(3) == 0 ? 2 : 1;
        int outputs = isDepthwise ? channels * multiplier : random.Next(6) == 0 ? random.Next(60, 80) : random.Next(1, 20);
        BlobTensor y = Add(program, $"t{program.Tensors.Count}", new Shape(1, height, width, outputs));
        int terms = kernelH * kernelW * (isDepthwise ? 1 : channels);
        int[] common = [.. window, dilationH, dilationW, top, left, -5, -5, random.Next(2) == 0 ? -5 : -128, 127];
        bool isOneRun = kernelH == 1 && kernelW == 1 && top + left == 0 && (height - 1) * strideH < x.Shape[1] && (width - 1) * strideW < x.Shape[2];
        int kept = random.Next(3) == 0 ? 10 : 100;
        program.Operators.Add(new BlobOperator(isDepthwise ? OperatorKind.DepthwiseConv2D : OperatorKind.Conv2D, isDepthwise ? "depthwise" : "conv", [x], y)
        {
            Parameters = isDepthwise ? [.. common, multiplier] : [.. common, 1, -1],
            Weights = [.. Enumerable.Range(0, outputs * terms).Select(_ => random.Next(100) < kept ? (sbyte)random.Next(-128, 128) : (sbyte)0)],
            Biases = [.. Enumerable.Range(0, outputs).Select(_ => random.Next(-1000, 1000))],
            Multipliers = [.. Enumerable.Range(0, outputs).Select(_ => random.Next(1 << 30, int.MaxValue))],
            Shifts = [.. Enumerable.Range(0, outputs).Select(_ => (sbyte)random.Next(-9, -5))],
            Scratch32 = Math.Min(64, outputs),
            PatchBytes = isDepthwise || isOneRun ? 0 : terms,
        });
    }
}
