using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;

namespace TinyInference.Converter.Estimation;

/// <summary>Puts a counter into every basic block of an assembly; what the assembly computes stays the same.</summary>
internal sealed class Instrumentation
{
    /// <summary>The type put into the assembly, and its field of type long[]: one element for each block.</summary>
    public const string CountersType = "ExecutedBlocks";

    public const string CountersField = "Counters";

    private readonly List<CountedBlock> _blocks = [];
    private readonly FieldDefinition _counters;
    private readonly TypeReference _counterArray;

    private Instrumentation(ModuleDefinition module)
    {
        _counterArray = new ArrayType(module.TypeSystem.Int64);
        _counters = new FieldDefinition(CountersField, FieldAttributes.Public | FieldAttributes.Static, _counterArray);
    }

    /// <summary>Instruments the assembly in <paramref name="path"/>.</summary>
    /// <param name="observer">The full name of an interface for which a <see cref="CallbackType"/> is added; null for none.</param>
    /// <returns>The bytes of the instrumented assembly, and its blocks in the order of their counters.</returns>
    public static (byte[] Assembly, IReadOnlyList<CountedBlock> Blocks) Apply(string path, string? observer)
    {
        using ModuleDefinition module = ModuleDefinition.ReadModule(path, new ReaderParameters { InMemory = true });
        var instrumentation = new Instrumentation(module);
        foreach (MethodDefinition method in module.GetTypes().SelectMany(t => t.Methods).Where(m => m.HasBody).ToList())
        {
            instrumentation.Instrument(method);
        }

        var type = new TypeDefinition("", CountersType, TypeAttributes.Public | TypeAttributes.Abstract | TypeAttributes.Sealed, module.TypeSystem.Object);
        type.Fields.Add(instrumentation._counters);
        module.Types.Add(type);
        if (observer is not null)
        {
            CallbackType.AddTo(module, observer);
        }

        using var bytes = new MemoryStream();
        module.Write(bytes);
        return (bytes.ToArray(), instrumentation._blocks);
    }

    private void Instrument(MethodDefinition method)
    {
        MethodBody body = method.Body;
        Instruction[] original = [.. body.Instructions];
        HashSet<Instruction> leaders = BasicBlocks.Leaders(body);
        string type = method.DeclaringType.FullName;

        // Jumps become too long for their short forms.
        body.SimplifyMacros();
        var counters = new VariableDefinition(_counterArray);
        body.Variables.Add(counters);
        ILProcessor il = body.GetILProcessor();
        var starts = new Dictionary<Instruction, Instruction>();
        InstructionCounts counts = new();
        List<string> calls = [];
        foreach (Instruction instruction in original)
        {
            if (leaders.Contains(instruction))
            {
                (counts, calls) = (new InstructionCounts(), []);
                starts.Add(instruction, InsertCounter(il, instruction, counters, _blocks.Count));
                _blocks.Add(new CountedBlock(type, counts, calls));
            }

            InstructionClass kind = InstructionClasses.Of(instruction);
            counts.Add(kind);
            if (kind == InstructionClass.CallLibrary)
            {
                calls.Add(InstructionClasses.CalledLibraryMethod(instruction)!);
            }
        }

        foreach (Instruction instruction in original)
        {
            Redirect(instruction, starts);
        }

        foreach (ExceptionHandler handler in body.ExceptionHandlers)
        {
            Redirect(handler, starts);
        }

        // Before the first counter, where no jump leads.
        Instruction first = body.Instructions[0];
        il.InsertBefore(first, il.Create(OpCodes.Ldsfld, _counters));
        il.InsertBefore(first, il.Create(OpCodes.Stloc, counters));
    }

    /// <summary>counters[block]++ before <paramref name="leader"/>; returns its first instruction.</summary>
    private static Instruction InsertCounter(ILProcessor il, Instruction leader, VariableDefinition counters, int block)
    {
        Instruction start = il.Create(OpCodes.Ldloc, counters);
        Instruction[] increment =
        [
            start,
            il.Create(OpCodes.Ldc_I4, block),
            il.Create(OpCodes.Ldelema, il.Body.Method.Module.TypeSystem.Int64),
            il.Create(OpCodes.Dup),
            il.Create(OpCodes.Ldind_I8),
            il.Create(OpCodes.Ldc_I4_1),
            il.Create(OpCodes.Conv_I8),
            il.Create(OpCodes.Add),
            il.Create(OpCodes.Stind_I8),
        ];
        foreach (Instruction instruction in increment)
        {
            il.InsertBefore(leader, instruction);
        }

        return start;
    }

    private static void Redirect(Instruction instruction, Dictionary<Instruction, Instruction> starts)
    {
        instruction.Operand = instruction.Operand switch
        {
            Instruction target => starts[target],
            Instruction[] targets => Array.ConvertAll(targets, t => starts[t]),
            var other => other,
        };
    }

    private static void Redirect(ExceptionHandler handler, Dictionary<Instruction, Instruction> starts)
    {
        Instruction Start(Instruction instruction) => starts[instruction];
        handler.TryStart = Start(handler.TryStart);
        handler.TryEnd = Start(handler.TryEnd);
        handler.HandlerStart = Start(handler.HandlerStart);
        handler.HandlerEnd = handler.HandlerEnd is { } end ? Start(end) : null;
        handler.FilterStart = handler.FilterStart is { } filter ? Start(filter) : null;
    }
}
