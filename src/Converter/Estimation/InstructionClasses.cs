using Mono.Cecil;
using Mono.Cecil.Cil;

namespace TinyInference.Converter.Estimation;

/// <summary>The class of each IL instruction.</summary>
internal static class InstructionClasses
{
    public static readonly int Count = Enum.GetValues<InstructionClass>().Length;

    /// <summary>Types of the base library whose methods are all native (InternalCall) in nanoFramework.</summary>
    private static readonly HashSet<string> s_nativeTypes = ["System.BitConverter", "System.Math"];

    /// <summary>Single native methods of other types.</summary>
    private static readonly HashSet<string> s_nativeMethods =
    [
        "System.Array::Copy",
        "System.Array::Clear",
        "System.Array::IndexOf",
        "System.Array::get_Length",
        "System.Runtime.CompilerServices.RuntimeHelpers::InitializeArray",
        "System.String::get_Length",
        "System.String::get_Chars",
    ];

    public static InstructionClass Of(Instruction instruction)
    {
        OpCode code = instruction.OpCode;
        return code.FlowControl switch
        {
            FlowControl.Branch or FlowControl.Cond_Branch or FlowControl.Return or FlowControl.Throw => InstructionClass.Branch,
            FlowControl.Call => OfCall(code, (MethodReference)instruction.Operand),
            _ => OfName(code.Name),
        };
    }

    /// <summary>The name of the called method where it is not in the assembly itself: "System.Array::Copy".</summary>
    public static string? CalledLibraryMethod(Instruction instruction) =>
        instruction.OpCode.FlowControl == FlowControl.Call && instruction.Operand is MethodReference and not MethodDefinition
            ? LibraryName((MethodReference)instruction.Operand)
            : null;

    private static InstructionClass OfCall(OpCode code, MethodReference called)
    {
        if (code.Code == Code.Newobj)
        {
            return InstructionClass.Allocation;
        }

        if (called is not MethodDefinition method)
        {
            return s_nativeTypes.Contains(called.DeclaringType.FullName) || s_nativeMethods.Contains(LibraryName(called))
                ? InstructionClass.CallNative
                : InstructionClass.CallLibrary;
        }

        if (method.IsInternalCall)
        {
            return InstructionClass.CallNative;
        }

        // C# calls every method of a class with callvirt, for its null check: only what the method is says how it is found.
        return code.Code == Code.Callvirt && method.DeclaringType.IsInterface ? InstructionClass.CallInterface
            : code.Code == Code.Callvirt && method.IsVirtual ? InstructionClass.CallVirtual
            : method.HasThis ? InstructionClass.CallInstance
            : InstructionClass.CallStatic;
    }

    private static string LibraryName(MethodReference method) => $"{method.DeclaringType.FullName}::{method.Name}";

    private static InstructionClass OfName(string name)
    {
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        return (dot < 0 ? name : name[..dot]) switch
        {
            "mul" or "div" or "rem" => InstructionClass.MulDiv,
            "conv" => InstructionClass.Conversion,
            "ldelem" or "ldelema" or "ldind" or "ldobj" => InstructionClass.ArrayLoad,
            "stelem" or "stind" or "stobj" or "cpobj" or "initobj" => InstructionClass.ArrayStore,
            "ldfld" or "ldflda" or "stfld" => InstructionClass.Field,
            "ldsfld" or "ldsflda" or "stsfld" => InstructionClass.Static,
            "newarr" or "box" or "ldstr" => InstructionClass.Allocation,
            _ => InstructionClass.Simple,
        };
    }
}
