using System.Reflection;
using System.Runtime.Loader;

namespace TinyInference.Converter.Estimation;

/// <summary>An instrumented assembly, loaded beside the original one; unloaded when disposed and no longer in use.</summary>
internal sealed class CountingAssembly : IDisposable
{
    private readonly AssemblyLoadContext _context = new("counting", isCollectible: true);
    private readonly IReadOnlyList<CountedBlock> _blocks;
    private readonly long[] _counters;

    /// <param name="path">The assembly's file.</param>
    /// <param name="observer">The full name of the interface that <see cref="Callback"/> implements; null for none.</param>
    public CountingAssembly(string path, string? observer = null)
    {
        (byte[] bytes, _blocks) = Instrumentation.Apply(path, observer);
        using var stream = new MemoryStream(bytes);
        Assembly = _context.LoadFromStream(stream);
        _counters = new long[_blocks.Count];
        Assembly.GetType(Instrumentation.CountersType, throwOnError: true)!.GetField(Instrumentation.CountersField)!.SetValue(null, _counters);
    }

    public Assembly Assembly { get; }

    /// <summary>An object whose methods, those of the observer interface, call <paramref name="action"/> and do nothing else.</summary>
    public object Callback(Action action)
    {
        Type type = Assembly.GetType(CallbackType.Name, throwOnError: true)!;
        object callback = Activator.CreateInstance(type)!;
        type.GetField(CallbackType.ActionField)!.SetValue(callback, action);
        return callback;
    }

    /// <summary>How often each block was executed up to now.</summary>
    public long[] Snapshot() => (long[])_counters.Clone();

    /// <summary>The instructions executed between two snapshots.</summary>
    /// <param name="except">The full name of a type whose instructions do not count; null for none.</param>
    public InstructionCounts Executed(long[] before, long[] after, string? except = null)
    {
        var sum = new InstructionCounts();
        for (int i = 0; i < _blocks.Count; i++)
        {
            if (after[i] != before[i] && _blocks[i].Type != except)
            {
                sum.Add(_blocks[i].Instructions, after[i] - before[i]);
            }
        }

        return sum;
    }

    /// <summary>Methods of the base library that were called between two snapshots and are managed on the device, each once.</summary>
    public string[] LibraryCalls(long[] before, long[] after) =>
        [.. Enumerable.Range(0, _blocks.Count).Where(i => after[i] != before[i]).SelectMany(i => _blocks[i].LibraryCalls).Distinct().Order(StringComparer.Ordinal)];

    public void Dispose() => _context.Unload();
}
