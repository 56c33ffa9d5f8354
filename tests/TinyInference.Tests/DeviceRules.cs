using Mono.Cecil;
using Mono.Cecil.Cil;

namespace TinyInference.Tests;

/// <summary>
/// Finds what .NET nanoFramework 1.x cannot load or run in compiled types: members outside its libraries, generics, structs of one's own,
/// floating point, checked arithmetic, multi-dimensional arrays, pointers. Each finding names the member at fault and where it is used.
/// </summary>
internal sealed class DeviceRules
{
    /// <summary>The C# compiler leaves this one out where the library lacks it.</summary>
    private const string OptionalAttribute = "System.Runtime.CompilerServices.CompilerGeneratedAttribute";

    /// <summary>Where the C# compiler puts the data of array initialisers, as fields of structs of its own.</summary>
    private const string CompilerData = "<PrivateImplementationDetails>";

    private static readonly HashSet<Code> s_floatingPoint =
    [
        Code.Conv_R4, Code.Conv_R8, Code.Conv_R_Un, Code.Ldc_R4, Code.Ldc_R8, Code.Ldelem_R4, Code.Ldelem_R8, Code.Stelem_R4, Code.Stelem_R8,
        Code.Ldind_R4, Code.Ldind_R8, Code.Stind_R4, Code.Stind_R8, Code.Ckfinite,
    ];

    private static readonly HashSet<Code> s_singlePrecision = [Code.Conv_R4, Code.Ldc_R4, Code.Ldelem_R4, Code.Stelem_R4, Code.Ldind_R4, Code.Stind_R4];

    private readonly HashSet<string> _api;
    private readonly bool _withReals;
    private readonly List<string> _findings = [];

    private DeviceRules(HashSet<string> api, bool withReals)
    {
        _api = api;
        _withReals = withReals;
    }

    /// <summary>Reads device-api.txt: a type a line, its members after it, indented by a space.</summary>
    public static HashSet<string> ReadApi(IEnumerable<string> lines)
    {
        var api = new HashSet<string>();
        string type = "";
        foreach (string line in lines.Where(l => l.Length > 0 && l[0] != '#'))
        {
            type = line[0] == ' ' ? type : line;
            api.Add(line[0] == ' ' ? $"{type}::{line[1..]}" : type);
        }

        return api;
    }

    /// <param name="types">What to check.</param>
    /// <param name="api">From <see cref="ReadApi"/>.</param>
    /// <param name="withReals">Single precision is allowed (the device has it; the kernels must do without). Double never is.</param>
    public static IReadOnlyList<string> Check(IEnumerable<TypeDefinition> types, HashSet<string> api, bool withReals = false)
    {
        var rules = new DeviceRules(api, withReals);
        foreach (TypeDefinition type in types)
        {
            rules.CheckType(type);
        }

        return rules._findings;
    }

    /// <summary>Bytes of all array initialisers.</summary>
    public static int InitialiserBytes(IEnumerable<TypeDefinition> types) => types.SelectMany(t => t.Fields).Sum(f => f.InitialValue?.Length ?? 0);

    /// <summary>Bytes of all method bodies, their headers included.</summary>
    public static int BodyBytes(IEnumerable<TypeDefinition> types) => types.SelectMany(t => t.Methods).Where(m => m.HasBody).Sum(m => m.Body.CodeSize + 12);

    private void CheckType(TypeDefinition type)
    {
        string where = type.FullName;
        bool isCompilerData = where.StartsWith(CompilerData, StringComparison.Ordinal);
        if (type.IsValueType && !type.IsEnum && !isCompilerData)
        {
            _findings.Add($"{where}: struct of one's own");
        }

        if (type.HasGenericParameters)
        {
            _findings.Add($"{where}: generic type");
        }

        // The data's structs state their size; nothing of them is a field that code reads.
        if (!isCompilerData)
        {
            CheckAttributes(type, where);
        }

        CheckUse(type.BaseType, where);
        foreach (InterfaceImplementation implemented in type.Interfaces)
        {
            CheckUse(implemented.InterfaceType, where);
        }

        foreach (FieldDefinition field in type.Fields)
        {
            CheckUse(field.FieldType, field.FullName);
            if (!isCompilerData)
            {
                CheckAttributes(field, field.FullName);
            }
        }

        foreach (PropertyDefinition property in type.Properties)
        {
            CheckAttributes(property, property.FullName);
        }

        foreach (MethodDefinition method in type.Methods)
        {
            CheckMethod(method);
        }
    }

    private void CheckMethod(MethodDefinition method)
    {
        string where = method.FullName;
        if (method.HasGenericParameters)
        {
            _findings.Add($"{where}: generic method");
        }

        if (method.DeclaringType.IsInterface && method.HasBody)
        {
            _findings.Add($"{where}: interface method with a body");
        }

        CheckAttributes(method, where);
        CheckUse(method.ReturnType, where);
        foreach (ParameterDefinition parameter in method.Parameters)
        {
            CheckUse(parameter.ParameterType, where);
            CheckAttributes(parameter, where);
        }

        CheckOverride(method);
        if (!method.HasBody)
        {
            return;
        }

        foreach (VariableDefinition local in method.Body.Variables)
        {
            CheckUse(local.VariableType, where);
        }

        foreach (ExceptionHandler handler in method.Body.ExceptionHandlers)
        {
            CheckUse(handler.CatchType, where);
        }

        foreach (Instruction instruction in method.Body.Instructions)
        {
            CheckInstruction(instruction, where);
        }
    }

    private void CheckInstruction(Instruction instruction, string where)
    {
        OpCode opCode = instruction.OpCode;
        if (s_floatingPoint.Contains(opCode.Code) && !(_withReals && s_singlePrecision.Contains(opCode.Code)))
        {
            _findings.Add($"{where}: floating point, {opCode}");
        }

        if (opCode.Name.Contains(".ovf", StringComparison.Ordinal))
        {
            _findings.Add($"{where}: checked arithmetic, {opCode}");
        }

        if (opCode.Code is Code.Localloc or Code.Calli)
        {
            _findings.Add($"{where}: pointer, {opCode}");
        }

        switch (instruction.Operand)
        {
            case TypeReference type:
                CheckUse(type, where);
                break;
            case MethodReference method:
                CheckCall(method, where);
                break;
            case FieldReference field:
                CheckUse(field.DeclaringType, where);
                CheckUse(field.FieldType, where);
                CheckMember(field, $"{field.Name}:{field.FieldType.FullName}", where);
                break;
        }
    }

    private void CheckCall(MethodReference method, string where)
    {
        CheckUse(method.DeclaringType, where);
        CheckUse(method.ReturnType, where);
        foreach (ParameterDefinition parameter in method.Parameters)
        {
            CheckUse(parameter.ParameterType, where);
        }

        if (method is GenericInstanceMethod)
        {
            _findings.Add($"{where}: generic method {method.FullName}");
        }
        else if (method.DeclaringType is not ArrayType)
        {
            CheckMember(method, Signature(method), where);
        }
    }

    /// <summary>An override of a library's method exists only where the device's library has that method.</summary>
    private void CheckOverride(MethodDefinition method)
    {
        if (!method.IsVirtual || method.IsNewSlot || method.DeclaringType.IsInterface)
        {
            return;
        }

        TypeReference? ancestor = method.DeclaringType.BaseType;
        while (ancestor is TypeDefinition own)
        {
            ancestor = own.BaseType;
        }

        if (ancestor is not null && !_api.Contains($"{ancestor.FullName}::{Signature(method)}") && !_api.Contains($"System.Object::{Signature(method)}"))
        {
            _findings.Add($"{method.FullName}: overrides {ancestor.FullName}::{Signature(method)}, which the device does not have");
        }
    }

    private void CheckMember(MemberReference member, string signature, string where)
    {
        if (!IsOwn(member.DeclaringType) && !_api.Contains($"{member.DeclaringType.FullName}::{signature}"))
        {
            _findings.Add($"{where}: {member.DeclaringType.FullName}::{signature} is not on the device");
        }
    }

    private void CheckAttributes(ICustomAttributeProvider provider, string where)
    {
        foreach (CustomAttribute attribute in provider.CustomAttributes.Where(a => a.AttributeType.FullName != OptionalAttribute))
        {
            CheckCall(attribute.Constructor, where);
        }
    }

    private void CheckUse(TypeReference? type, string where)
    {
        switch (type)
        {
            case null:
                break;
            case GenericInstanceType or GenericParameter:
                _findings.Add($"{where}: generic {type.FullName}");
                break;
            case ArrayType { Rank: > 1 }:
                _findings.Add($"{where}: multi-dimensional array {type.FullName}");
                break;
            case PointerType or FunctionPointerType or PinnedType:
                _findings.Add($"{where}: pointer {type.FullName}");
                break;
            case TypeSpecification specification:
                CheckUse(specification.ElementType, where);
                break;
            case { FullName: "System.Single" } when _withReals:
                break;
            case { FullName: "System.Single" or "System.Double" or "System.Decimal" }:
                _findings.Add($"{where}: floating point {type.FullName}");
                break;
            default:
                if (!IsOwn(type) && !_api.Contains(type.FullName))
                {
                    _findings.Add($"{where}: {type.FullName} is not on the device");
                }

                break;
        }
    }

    /// <summary>Of the assembly itself, or of the runtime that the firmware references.</summary>
    private static bool IsOwn(TypeReference type) => type.GetElementType() is TypeDefinition || type.GetElementType().Scope.Name == typeof(Model).Assembly.GetName().Name;

    private static string Signature(MethodReference method)
        => $"{method.Name}({string.Join(',', method.Parameters.Select(p => p.ParameterType.FullName))}):{method.ReturnType.FullName}";
}
