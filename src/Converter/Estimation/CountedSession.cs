using System.Reflection;

namespace TinyInference.Converter.Estimation;

/// <summary>A session of the instrumented runtime, whose types can be reached by reflection only.</summary>
internal sealed class CountedSession
{
    /// <summary>The runtime's own session.</summary>
    public static readonly string TypeName = typeof(Session).FullName!;

    private readonly object _session;
    private readonly PropertyInfo _observer;
    private readonly Action _run;

    public CountedSession(Assembly runtime, byte[] blob)
    {
        Type modelType = runtime.GetType(typeof(Model).FullName!, throwOnError: true)!;
        var load = modelType.GetMethod(nameof(Model.Load), [typeof(byte[])])!.CreateDelegate<Func<byte[], object>>();
        Type type = runtime.GetType(TypeName, throwOnError: true)!;
        _session = Activator.CreateInstance(type, load(blob))!;
        _observer = type.GetProperty(nameof(Session.Observer))!;
        _run = type.GetMethod(nameof(Session.Run))!.CreateDelegate<Action>(_session);
        Arena = (sbyte[])type.GetProperty(nameof(Session.Arena))!.GetValue(_session)!;
    }

    public sbyte[] Arena { get; }

    /// <summary>The session itself.</summary>
    public object Instance => _session;

    /// <summary>Who is told of every operator from now on; an IOperatorObserver of the instrumented runtime.</summary>
    public object Observer
    {
        set => _observer.SetValue(_session, value);
    }

    /// <param name="model">The same blob, loaded by the runtime that is not instrumented: says where the inputs go.</param>
    /// <param name="input">The bytes of all inputs.</param>
    public void Run(Model model, ReadOnlySpan<byte> input)
    {
        foreach (Tensor tensor in model.Inputs)
        {
            for (int i = 0; i < tensor.ByteCount; i++)
            {
                Arena[tensor.ArenaOffset + i] = (sbyte)input[i];
            }

            input = input[tensor.ByteCount..];
        }

        _run();
    }
}
