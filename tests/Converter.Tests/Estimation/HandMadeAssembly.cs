using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Converter.Tests.Estimation;

/// <summary>An assembly of a few methods whose instructions are written here one by one, so that what they execute can be counted by hand.</summary>
internal static class HandMadeAssembly
{
    public const string TypeName = "Methods";

    public static byte[] Build()
    {
        using AssemblyDefinition assembly = AssemblyDefinition.CreateAssembly(new AssemblyNameDefinition("HandMade", new Version(1, 0)), "HandMade", ModuleKind.Dll);
        ModuleDefinition module = assembly.MainModule;
        var type = new TypeDefinition("", TypeName, TypeAttributes.Public | TypeAttributes.Abstract | TypeAttributes.Sealed, module.TypeSystem.Object);
        module.Types.Add(type);
        MethodDefinition sum = AddSum(type, module);
        AddChoose(type, module);
        AddFinally(type, module);
        AddCalls(type, module, sum);
        using var bytes = new MemoryStream();
        assembly.Write(bytes);
        return bytes.ToArray();
    }

    /// <summary>5 instructions, then a loop: a condition of 5, a body of 10; then 2.</summary>
    private static MethodDefinition AddSum(TypeDefinition type, ModuleDefinition module)
    {
        MethodDefinition method = Add(type, "Sum", module.TypeSystem.Int32, new ArrayType(module.TypeSystem.SByte));
        method.Body.Variables.Add(new VariableDefinition(module.TypeSystem.Int32));
        method.Body.Variables.Add(new VariableDefinition(module.TypeSystem.Int32));
        ILProcessor il = method.Body.GetILProcessor();
        Instruction body = il.Create(OpCodes.Ldloc_0);
        Instruction condition = il.Create(OpCodes.Ldloc_1);
        Emit(il, OpCodes.Ldc_I4_0, OpCodes.Stloc_0, OpCodes.Ldc_I4_0, OpCodes.Stloc_1);
        il.Emit(OpCodes.Br_S, condition);
        il.Append(body);
        Emit(il, OpCodes.Ldarg_0, OpCodes.Ldloc_1, OpCodes.Ldelem_I1, OpCodes.Add, OpCodes.Stloc_0, OpCodes.Ldloc_1, OpCodes.Ldc_I4_1, OpCodes.Add, OpCodes.Stloc_1);
        il.Append(condition);
        Emit(il, OpCodes.Ldarg_0, OpCodes.Ldlen, OpCodes.Conv_I4);
        il.Emit(OpCodes.Blt_S, body);
        Emit(il, OpCodes.Ldloc_0, OpCodes.Ret);
        return method;
    }

    /// <summary>100 + (k == 0 ? 5 : 7): a block begins with two values on the stack.</summary>
    private static void AddChoose(TypeDefinition type, ModuleDefinition module)
    {
        MethodDefinition method = Add(type, "Choose", module.TypeSystem.Int32, module.TypeSystem.Int32);
        ILProcessor il = method.Body.GetILProcessor();
        Instruction seven = il.Create(OpCodes.Ldc_I4_7);
        Instruction join = il.Create(OpCodes.Add);
        il.Emit(OpCodes.Ldc_I4_S, (sbyte)100);
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Brtrue_S, seven);
        il.Emit(OpCodes.Ldc_I4_5);
        il.Emit(OpCodes.Br_S, join);
        il.Append(seven);
        il.Append(join);
        il.Emit(OpCodes.Ret);
    }

    /// <summary>try { 10, 11 or 12 by a switch } finally { calls++ }.</summary>
    private static void AddFinally(TypeDefinition type, ModuleDefinition module)
    {
        var calls = new FieldDefinition("s_calls", FieldAttributes.Private | FieldAttributes.Static, module.TypeSystem.Int32);
        type.Fields.Add(calls);
        MethodDefinition method = Add(type, "Finally", module.TypeSystem.Int32, module.TypeSystem.Int32);
        method.Body.Variables.Add(new VariableDefinition(module.TypeSystem.Int32));
        ILProcessor il = method.Body.GetILProcessor();
        Instruction first = il.Create(OpCodes.Ldarg_0);
        Instruction handler = il.Create(OpCodes.Ldsfld, calls);
        Instruction end = il.Create(OpCodes.Ldloc_0);
        Instruction[] cases = [.. Enumerable.Range(10, 3).Select(value => il.Create(OpCodes.Ldc_I4_S, (sbyte)value))];
        il.Append(first);
        il.Emit(OpCodes.Switch, cases[..2]);
        il.Emit(OpCodes.Br_S, cases[2]);
        foreach (Instruction value in cases)
        {
            il.Append(value);
            il.Emit(OpCodes.Stloc_0);
            il.Emit(OpCodes.Leave_S, end);
        }

        il.Append(handler);
        Emit(il, OpCodes.Ldc_I4_1, OpCodes.Add);
        il.Emit(OpCodes.Stsfld, calls);
        il.Emit(OpCodes.Endfinally);
        il.Append(end);
        il.Emit(OpCodes.Ret);
        method.Body.ExceptionHandlers.Add(new ExceptionHandler(ExceptionHandlerType.Finally) { TryStart = first, TryEnd = handler, HandlerStart = handler, HandlerEnd = end });
    }

    /// <summary>Calls Array.Copy, which is native on the device, Sum, and GC.GetTotalMemory, of which nothing is known.</summary>
    private static void AddCalls(TypeDefinition type, ModuleDefinition module, MethodDefinition sum)
    {
        MethodDefinition method = Add(type, "Calls", module.TypeSystem.Int32, new ArrayType(module.TypeSystem.SByte));
        ILProcessor il = method.Body.GetILProcessor();
        Emit(il, OpCodes.Ldarg_0, OpCodes.Ldarg_0, OpCodes.Ldc_I4_1);
        il.Emit(OpCodes.Call, module.ImportReference(typeof(Array).GetMethod(nameof(Array.Copy), [typeof(Array), typeof(Array), typeof(int)])));
        il.Emit(OpCodes.Ldc_I4_0);
        il.Emit(OpCodes.Call, module.ImportReference(typeof(GC).GetMethod(nameof(GC.GetTotalMemory), [typeof(bool)])));
        Emit(il, OpCodes.Pop, OpCodes.Ldarg_0);
        il.Emit(OpCodes.Call, sum);
        il.Emit(OpCodes.Ret);
    }

    private static MethodDefinition Add(TypeDefinition type, string name, TypeReference result, TypeReference parameter)
    {
        var method = new MethodDefinition(name, MethodAttributes.Public | MethodAttributes.Static, result);
        method.Parameters.Add(new ParameterDefinition(parameter));
        type.Methods.Add(method);
        return method;
    }

    private static void Emit(ILProcessor il, params ReadOnlySpan<OpCode> codes)
    {
        foreach (OpCode code in codes)
        {
            il.Emit(code);
        }
    }
}
