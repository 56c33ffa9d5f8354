using Mono.Cecil;
using Mono.Cecil.Cil;

namespace TinyInference.Converter.Estimation;

/// <summary>
/// Adds a class to an assembly that implements one of its interfaces: every method calls an <see cref="Action"/>. The interface exists at
/// run time only, so that no C# class can implement it, and DispatchProxy cannot where the assembly is collectible.
/// </summary>
internal static class CallbackType
{
    public const string Name = "Callback";

    /// <summary>The public field that holds the action.</summary>
    public const string ActionField = "Action";

    /// <param name="contract">The full name of an interface with methods that return nothing.</param>
    public static void AddTo(ModuleDefinition module, string contract)
    {
        TypeDefinition implemented = module.GetType(contract);
        var type = new TypeDefinition("", Name, TypeAttributes.Public | TypeAttributes.Sealed, module.TypeSystem.Object);
        type.Interfaces.Add(new InterfaceImplementation(implemented));
        var action = new FieldDefinition(ActionField, FieldAttributes.Public, module.ImportReference(typeof(Action)));
        type.Fields.Add(action);
        AddConstructor(type, module);
        foreach (MethodDefinition declared in implemented.Methods)
        {
            AddMethod(type, declared, action, module);
        }

        module.Types.Add(type);
    }

    private static void AddConstructor(TypeDefinition type, ModuleDefinition module)
    {
        const MethodAttributes Attributes = MethodAttributes.Public | MethodAttributes.HideBySig | MethodAttributes.SpecialName | MethodAttributes.RTSpecialName;
        var constructor = new MethodDefinition(".ctor", Attributes, module.TypeSystem.Void);
        ILProcessor il = constructor.Body.GetILProcessor();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Call, module.ImportReference(typeof(object).GetConstructor([])));
        il.Emit(OpCodes.Ret);
        type.Methods.Add(constructor);
    }

    private static void AddMethod(TypeDefinition type, MethodDefinition declared, FieldDefinition action, ModuleDefinition module)
    {
        const MethodAttributes Attributes = MethodAttributes.Public | MethodAttributes.HideBySig | MethodAttributes.Virtual | MethodAttributes.NewSlot | MethodAttributes.Final;
        var method = new MethodDefinition(declared.Name, Attributes, module.TypeSystem.Void);
        foreach (ParameterDefinition parameter in declared.Parameters)
        {
            method.Parameters.Add(new ParameterDefinition(parameter.ParameterType));
        }

        ILProcessor il = method.Body.GetILProcessor();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldfld, action);
        il.Emit(OpCodes.Callvirt, module.ImportReference(typeof(Action).GetMethod(nameof(Action.Invoke))));
        il.Emit(OpCodes.Ret);
        type.Methods.Add(method);
    }
}
