using System;

namespace TinyInference;

/// <summary>
/// Runs a <see cref="Model"/>: fill the input, <see cref="Run"/>, read the output. All memory is allocated by the constructor. Not
/// for use from several threads at once.
/// </summary>
public sealed class Session
{
    private readonly Model _model;
    private readonly sbyte[] _arena;
    private readonly int[] _scratch32;
    private readonly long[] _scratch64;
    private readonly NativeKernel _native;

    /// <summary>For each operator what native kernels are told of it, or null; null altogether where there are no native kernels.</summary>
    private readonly int[][] _nativeCalls;

    /// <summary>Allocates <see cref="Model.ArenaBytes"/> for activations and the kernels' scratch.</summary>
    public Session(Model model)
        : this(model, NativeCalls.Find())
    {
    }

    /// <param name="model">What to run.</param>
    /// <param name="native">Kernels in C to use where they can; or null.</param>
    internal Session(Model model, NativeKernel native)
    {
        _model = model;
        _arena = new sbyte[model.ArenaBytes];
        _scratch32 = new int[model.Scratch32];
        _scratch64 = new long[model.Scratch64];
        _native = native;
        _nativeCalls = native is null ? null : NativeCalls.DescribeAll(model.Operators);
        ResetState();
    }

    /// <summary>What this session runs.</summary>
    public Model Model => _model;

    /// <summary>
    /// Where all activations live. An input is written at its tensor's <see cref="Tensor.ArenaOffset"/> before each run (its bytes may be
    /// reused during a run), an output read there afterwards.
    /// </summary>
    public sbyte[] Arena => _arena;

    /// <summary>Is told of every operator; null, the default, for nobody.</summary>
    public IOperatorObserver Observer { get; set; }

    /// <summary>Copies <paramref name="data"/> into input <paramref name="index"/>; the lengths must be equal.</summary>
    public void SetInput(int index, sbyte[] data)
    {
        Tensor tensor = _model.Inputs[index];
        if (data.Length != tensor.ByteCount)
        {
            throw new ArgumentException(null, nameof(data));
        }

        Array.Copy(data, 0, _arena, tensor.ArenaOffset, data.Length);
    }

    /// <summary>Copies output <paramref name="index"/> into <paramref name="data"/>; the lengths must be equal.</summary>
    public void GetOutput(int index, sbyte[] data)
    {
        Tensor tensor = _model.Outputs[index];
        if (data.Length != tensor.ByteCount)
        {
            throw new ArgumentException(null, nameof(data));
        }

        Array.Copy(_arena, tensor.ArenaOffset, data, 0, data.Length);
    }

    /// <summary>Sets every state (<see cref="Tensor.IsState"/>) to its zero point, as it is in a new session. Allocates nothing.</summary>
    public void ResetState()
    {
        Tensor[] tensors = _model.Tensors;
        for (int i = 0; i < tensors.Length; i++)
        {
            Tensor tensor = tensors[i];
            if (!tensor.IsState)
            {
                continue;
            }

            int size = Tensor.ElementSize(tensor.Type);
            int end = tensor.ArenaOffset + tensor.ByteCount;
            for (int at = tensor.ArenaOffset; at < end; at += size)
            {
                for (int b = 0; b < size; b++)
                {
                    _arena[at + b] = (sbyte)(tensor.ZeroPoint >> (8 * b));
                }
            }
        }
    }

    /// <summary>Runs all operators once. Allocates nothing.</summary>
    public void Run() => RunOperators(0, _model.Operators.Length);

    /// <summary>
    /// Runs <paramref name="count"/> operators from operator <paramref name="first"/> on, all of them in the model. For who computes what lies between
    /// by other means in the same <see cref="Arena"/>, as generated code does. Allocates nothing.
    /// </summary>
    public void RunOperators(int first, int count)
    {
        Operator[] operators = _model.Operators;
        WeightStream weightStream = _model.WeightStream;
        IOperatorObserver observer = Observer;
        int[][] nativeCalls = _nativeCalls;
        int end = first + count;
        for (int i = first; i < end; i++)
        {
            Operator op = operators[i];
            if (observer is not null)
            {
                observer.Starting(op);
            }

            if (weightStream is not null && op.WeightsLength != 0)
            {
                weightStream.Fetch(op);
            }

            if (nativeCalls is not null && nativeCalls[i] is not null)
            {
                NativeCalls.Run(_native, nativeCalls[i], op, _arena);
            }
            else
            {
                Kernel.Run(op, _arena, _scratch32, _scratch64);
            }

            if (observer is not null)
            {
                observer.Finished(op);
            }
        }
    }
}
