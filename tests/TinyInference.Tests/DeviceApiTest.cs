using Mono.Cecil;
using TinyInference.Device;
using TinyInference.Tests.DeviceSamples;

namespace TinyInference.Tests;

/// <summary>The compiled runtime uses nothing that .NET nanoFramework lacks.</summary>
[TestClass]
public class DeviceApiTest
{
    /// <summary>Offsets into an assembly's data and code have 16 bits on the device.</summary>
    private const int MostBytes = 65536;

    private static readonly HashSet<string> s_api = DeviceRules.ReadApi(
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "device-api.txt")));

    [TestMethod]
    public void The_runtime_keeps_to_the_device()
    {
        using ModuleDefinition module = ModuleDefinition.ReadModule(typeof(Model).Assembly.Location);
        IReadOnlyList<string> findings = DeviceRules.Check(module.GetTypes(), s_api);
        Assert.IsEmpty(findings, string.Join('\n', findings));
    }

    [TestMethod]
    public void Data_and_code_of_the_runtime_fit_16_bits()
    {
        using ModuleDefinition module = ModuleDefinition.ReadModule(typeof(Model).Assembly.Location);
        int data = DeviceRules.InitialiserBytes(module.GetTypes());
        int code = DeviceRules.BodyBytes(module.GetTypes());
        Console.WriteLine($"array initialisers {data} bytes, method bodies {code} bytes");
        Assert.IsInRange(1, MostBytes, data);
        Assert.IsInRange(1, MostBytes, code);
    }

    [TestMethod]
    public void The_firmware_keeps_to_the_device()
    {
        using ModuleDefinition module = ModuleDefinition.ReadModule(typeof(DeviceConsole).Assembly.Location);
        HashSet<string> api = [.. s_api, .. DeviceRules.ReadApi(File.ReadLines(Path.Combine(AppContext.BaseDirectory, "device-api-firmware.txt")))];
        IReadOnlyList<string> findings = DeviceRules.Check(module.GetTypes(), api, withReals: true);
        Assert.IsEmpty(findings, string.Join('\n', findings));
        Assert.IsInRange(1, MostBytes, DeviceRules.BodyBytes(module.GetTypes()));
    }

    [TestMethod]
    public void Sizes_are_those_of_data_and_code()
    {
        using ModuleDefinition module = ModuleDefinition.ReadModule(typeof(DeviceApiTest).Assembly.Location);
        Assert.IsGreaterThanOrEqualTo(4 * 20, DeviceRules.InitialiserBytes(module.GetTypes()));
        TypeDefinition sample = module.GetType(typeof(AllowedSample).FullName);
        Assert.AreEqual(sample.Methods.Sum(m => m.Body.Instructions.Sum(i => i.GetSize()) + 12), DeviceRules.BodyBytes([sample]));
    }

    [TestMethod]
    public void Code_of_the_device_passes() => Assert.IsEmpty(Findings(typeof(AllowedSample)), string.Join('\n', Findings(typeof(AllowedSample))));

    [TestMethod]
    [DataRow(typeof(MissingMember), "Use", "System.Math::Max(System.Int32,System.Int32):System.Int32 is not on the device")]
    [DataRow(typeof(MissingOverload), "Use", "System.String::Split(System.String,System.StringSplitOptions):System.String[] is not on the device")]
    [DataRow(typeof(MissingOverride), "Read", "overrides System.IO.Stream::Read(System.Span`1<System.Byte>):System.Int32")]
    [DataRow(typeof(MissingType), "_stack", "System.Collections.BitArray is not on the device")]
    [DataRow(typeof(MissingAttribute), "Use", "System.Diagnostics.StackTraceHiddenAttribute")]
    [DataRow(typeof(GenericInstance), "Use", "generic System.Collections.Generic.List`1<System.Int32>")]
    [DataRow(typeof(GenericDefinition<>), "GenericDefinition`1", "generic type")]
    [DataRow(typeof(GenericMethod), "Use", "generic method")]
    [DataRow(typeof(GenericCall), "Use", "generic method")]
    [DataRow(typeof(OwnStruct), "OwnStruct", "struct of one's own")]
    [DataRow(typeof(FloatField), "_value", "floating point System.Single")]
    [DataRow(typeof(FloatArgument), "Use", "floating point System.Double")]
    [DataRow(typeof(FloatInstruction), "Use", "floating point, ldc.r8")]
    [DataRow(typeof(FloatConversion), "Use", "floating point, conv.r4")]
    [DataRow(typeof(CheckedAddition), "Use", "checked arithmetic, add.ovf")]
    [DataRow(typeof(CheckedConversion), "Use", "checked arithmetic, conv.ovf.u1")]
    [DataRow(typeof(Matrix), "Use", "multi-dimensional array System.Int32[0...,0...]")]
    [DataRow(typeof(Pointer), "Use", "pointer System.Byte*")]
    [DataRow(typeof(StackAllocation), "Use", "pointer, localloc")]
    [DataRow(typeof(SpanUse), "Use", "generic System.Span`1<System.Byte>")]
    [DataRow(typeof(IDefaultMethod), "Use", "interface method with a body")]
    public void Each_rule_fires_and_names_the_user(Type sample, string user, string rule)
    {
        IReadOnlyList<string> findings = Findings(sample);
        Assert.IsTrue(
            findings.Any(f => f.Contains(user, StringComparison.Ordinal) && f.Contains(rule, StringComparison.Ordinal)),
            $"expected \"{rule}\" by {user}, found:\n{string.Join('\n', findings)}");
    }

    private static IReadOnlyList<string> Findings(Type sample)
    {
        using ModuleDefinition module = ModuleDefinition.ReadModule(sample.Assembly.Location);
        return DeviceRules.Check([module.GetType(sample.FullName)], s_api);
    }
}
