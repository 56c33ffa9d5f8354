using TinyInference.Converter.Cli.Prediction;
using TinyInference.Converter.Data;
using TinyInference.Converter.Execution;
using TinyInference.Converter.Features;
using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Cli;

/// <summary>What a device is to expect as the bytes of a sample: key "data" of the input preparation.</summary>
internal static class SampleData
{
    /// <summary>For a network that is int8 already, where its shape tells: three channels are a picture, an output like the input is compared with reals.</summary>
    public static InputPreparation? Guess(Graph graph, InputPreparation? stated)
    {
        if (graph.Inputs.Count != 1 || !FakeQuantization.Applies(graph.Inputs[0]) || graph.Inputs[0].Quantization is not { } quantization)
        {
            return stated;
        }

        InputPreparation given = stated ?? new InputPreparation();
        Shape shape = graph.Inputs[0].Shape;
        if (shape.Rank == 4 && (shape[3] == 3 || shape[1] == 3))
        {
            (float scale, float offset) = InputBinding.PixelRange(quantization);
            return stated is null ? new InputPreparation(null, scale, offset, RawType.UInt8) : given with { Data = RawType.UInt8 };
        }

        return Reconstructs(graph) ? given with { Data = RawType.Float32 } : stated;
    }

    /// <summary>For a network that was calibrated with data: samples as they are there.</summary>
    public static InputPreparation? Like(DataKind kind, InputPreparation? stated) => kind switch
    {
        DataKind.Pixels => (stated ?? new InputPreparation()) with { Data = RawType.UInt8 },
        DataKind.Real or DataKind.Sound => (stated ?? new InputPreparation()) with { Data = RawType.Float32 },
        _ => stated,
    };

    /// <summary>The one output has as many elements as the one input.</summary>
    public static bool Reconstructs(Graph graph) =>
        graph.Inputs.Count == 1 && graph.Outputs.Count == 1 && graph.Outputs[0].Shape.ElementCount == graph.Inputs[0].Shape.ElementCount && graph.Outputs[0].Shape.ElementCount > 1;
}
