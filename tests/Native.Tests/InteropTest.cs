using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using TinyInference;

namespace Native.Tests;

/// <summary>The files for the firmware build cannot be built here: at least they fit the managed method and the sources.</summary>
[TestClass]
public class InteropTest
{
    private static readonly MethodInfo s_method = typeof(NativeKernels).GetMethods(BindingFlags.Public | BindingFlags.Static).Single();

    [TestMethod]
    public void The_native_method_has_the_mangled_name_of_the_managed_one()
    {
        foreach (string file in new[] { "TinyInference_Native.h", "TinyInference_Native.cpp", "TinyInference_Native_TinyInference_NativeKernels_mshl.cpp" })
        {
            StringAssert.Contains(File.ReadAllText(Path.Combine(Toolchain.Sources, file)), MangledName(), file);
        }
    }

    /// <summary>As nanoFramework's metadata processor has it: CRC-32 of the names, which starts anew with the first native method; here the only one.</summary>
    [TestMethod]
    public void The_checksum_is_that_of_the_managed_assembly()
    {
        uint crc = 0;
        foreach (byte b in Encoding.ASCII.GetBytes(MangledName()))
        {
            crc ^= (uint)b << 24;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 0x80000000) != 0 ? (crc << 1) ^ 0x04C11DB7 : crc << 1;
            }
        }

        StringAssert.Contains(File.ReadAllText(Path.Combine(Toolchain.Sources, "TinyInference_Native.cpp")), $"0x{crc:X8},");
    }

    [TestMethod]
    public void The_native_version_is_the_managed_one()
    {
        string managed = File.ReadAllText(Path.Combine(Toolchain.Sources, "Managed", "Properties", "AssemblyInfo.cs"));
        string version = Regex.Match(managed, "AssemblyNativeVersion\\(\"([0-9.]+)\"\\)").Groups[1].Value;
        StringAssert.Contains(File.ReadAllText(Path.Combine(Toolchain.Sources, "TinyInference_Native.cpp")), $"{{ {version.Replace(".", ", ")} }}");
    }

    [TestMethod]
    public void The_firmware_build_knows_every_source()
    {
        string[] listed = [.. Regex.Matches(File.ReadAllText(Path.Combine(Toolchain.Sources, "FindINTEROP-TinyInference.Native.cmake")), @"^    (\S+\.(?:c|cpp))$", RegexOptions.Multiline)
            .Select(m => m.Groups[1].Value).Order(StringComparer.Ordinal)];
        string[] files = [.. Directory.EnumerateFiles(Toolchain.Sources).Select(f => Path.GetFileName(f))
            .Where(f => Path.GetExtension(f) is ".c" or ".cpp" && f != "tinf_model.c").Order(StringComparer.Ordinal)];
        CollectionAssert.AreEqual(files, listed);
    }

    private static string MangledName()
        => string.Join("__", new[] { $"{s_method.Name}___STATIC", Mangled(s_method.ReturnType) }.Concat(s_method.GetParameters().Select(p => Mangled(p.ParameterType))));

    private static string Mangled(Type type) => type.IsArray ? "SZARRAY_" + Mangled(type.GetElementType()!)
        : type == typeof(int) ? "I4" : type == typeof(sbyte) ? "I1" : type == typeof(byte) ? "U1" : throw new NotSupportedException(type.Name);
}
