using Mono.Cecil.Cil;

namespace TinyInference.Converter.Estimation;

/// <summary>
/// Splits a method into runs of instructions that are entered at the first and left after the last one only, so that one counter at the
/// beginning says how often each was executed. (An exception can leave earlier: a run that throws is not counted exactly.)
/// </summary>
internal static class BasicBlocks
{
    /// <summary>The first instruction of each block, in order.</summary>
    public static HashSet<Instruction> Leaders(MethodBody body)
    {
        var leaders = new HashSet<Instruction> { body.Instructions[0] };
        foreach (Instruction instruction in body.Instructions)
        {
            foreach (Instruction target in Targets(instruction))
            {
                leaders.Add(target);
            }

            if (EndsBlock(instruction) && instruction.Next is { } next)
            {
                leaders.Add(next);
            }
        }

        foreach (ExceptionHandler handler in body.ExceptionHandlers)
        {
            leaders.UnionWith(new[] { handler.TryStart, handler.TryEnd, handler.FilterStart, handler.HandlerStart, handler.HandlerEnd }.OfType<Instruction>());
        }

        return leaders;
    }

    private static Instruction[] Targets(Instruction instruction) => instruction.Operand switch
    {
        Instruction target => [target],
        Instruction[] targets => targets,
        _ => [],
    };

    private static bool EndsBlock(Instruction instruction) => instruction.OpCode.FlowControl
        is FlowControl.Branch or FlowControl.Cond_Branch or FlowControl.Return or FlowControl.Throw;
}
