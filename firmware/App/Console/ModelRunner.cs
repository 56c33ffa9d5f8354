using System;
using TinyInference.Words;

namespace TinyInference.Device;

/// <summary>The model that the console serves, with the sample to run it on.</summary>
internal sealed class ModelRunner
{
    private readonly Session _session;
    private readonly Sample _sample;
    private bool _hasRun;

    /// <exception cref="BlobException">The model says that it understands commands, and its words or names do not fit it.</exception>
    internal ModelRunner(Model model)
    {
        Model = model;
        _session = new Session(model);
        _sample = new Sample(model);
        Commands = model.GetResource(Resource.Commands) is null ? null : new CommandModel(_session);
    }

    internal Model Model { get; }

    internal Sample Sample => _sample;

    /// <summary>Understands sentences with the model; null where it is no network for them. It uses the session that <see cref="Run"/> uses.</summary>
    internal CommandModel Commands { get; }

    /// <summary>Runs once, from reset states: each inference is one of a sample by itself. The input is copied each time: a run may reuse its bytes in the arena.</summary>
    internal void Run()
    {
        _session.ResetState();
        Array.Copy(_sample.Input, 0, _session.Arena, Model.Inputs[0].ArenaOffset, _sample.Input.Length);
        _session.Run();
        _hasRun = true;
    }

    /// <summary>Runs once and notes what each operator takes.</summary>
    internal LayerTimes Measure(IClock clock)
    {
        var times = new LayerTimes(Model.Operators.Length, clock);
        _session.Observer = times;
        Run();
        _session.Observer = null;
        return times;
    }

    /// <summary>
    /// The reals of the first output; of a network that reconstructs its input the one mean squared error between the two.
    /// </summary>
    internal void WriteResults(ReplyWriter reply)
    {
        reply.Text("m-results-[");
        Tensor output = Model.Outputs[0];
        float scale = output.ScaleBits == 0 ? 1 : Real.FromBits(output.ScaleBits);
        if (Model.GetMetadata(Metadata.Task) == "reconstruction" && output.ElementCount == Model.Inputs[0].ElementCount)
        {
            Real.WriteMilli(_hasRun ? MeanSquaredError(output, scale) : 0, reply);
        }
        else
        {
            for (int i = 0; i < output.ElementCount; i++)
            {
                reply.Text(i == 0 ? "" : ",");
                Real.WriteMilli(_hasRun ? Element(output, scale, i) : 0, reply);
            }
        }

        reply.Line("]");
    }

    private float MeanSquaredError(Tensor output, float scale)
    {
        float sum = 0;
        for (int i = 0; i < output.ElementCount; i++)
        {
            float difference = Element(output, scale, i) - _sample.RealAt(i);
            sum += difference * difference;
        }

        return sum / output.ElementCount;
    }

    private float Element(Tensor output, float scale, int index)
        => scale * (TensorElements.Read(_session.Arena, output.ArenaOffset, output.Type, index) - output.ZeroPoint);
}
