using System.Xml.Linq;

namespace TinyInference.Tests;

/// <summary>TinyInference.nfproj cannot be built where the device's packages are missing: at least its lists are right.</summary>
[TestClass]
public class DeviceProjectTest
{
    private static readonly string s_folder = FindFolder();

    [TestMethod]
    public void Every_source_file_is_listed_once()
    {
        string[] files = [.. Directory.EnumerateFiles(s_folder, "*.cs", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(s_folder, f).Replace('/', '\\'))
            .Where(f => !f.StartsWith(@"obj\", StringComparison.Ordinal) && !f.StartsWith(@"bin\", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)];
        string[] listed = [.. Load("TinyInference.nfproj").Descendants().Where(e => e.Name.LocalName == "Compile")
            .Select(e => e.Attribute("Include")!.Value).Order(StringComparer.Ordinal)];
        CollectionAssert.AreEqual(files, listed);
    }

    [TestMethod]
    public void Versions_of_packages_agree()
    {
        string[] packages = Versions("packages.config", "package");
        CollectionAssert.AreEqual(packages, Versions("TinyInference.nuspec", "dependency"));
        string[] hints = [.. Load("TinyInference.nfproj").Descendants().Where(e => e.Name.LocalName == "HintPath").Select(e => e.Value.Split('\\')[3]).Order(StringComparer.Ordinal)];
        CollectionAssert.AreEqual(packages, hints);
    }

    [TestMethod]
    public void The_assembly_has_the_version_of_the_package()
    {
        string version = Load("TinyInference.nuspec").Descendants().Single(e => e.Name.LocalName == "version").Value;
        string text = File.ReadAllText(Path.Combine(s_folder, "Properties", "AssemblyInfo.cs"));
        StringAssert.Contains(text, $"AssemblyVersion(\"{version}.0\")");
        StringAssert.Contains(text, $"AssemblyFileVersion(\"{version}.0\")");
        Assert.AreEqual(version, typeof(Model).Assembly.GetName().Version!.ToString(3));
    }

    private static string[] Versions(string file, string element)
        => [.. Load(file).Descendants().Where(e => e.Name.LocalName == element)
            .Select(e => $"{e.Attribute("id")!.Value}.{e.Attribute("version")!.Value}").Order(StringComparer.Ordinal)];

    private static XDocument Load(string file) => XDocument.Load(Path.Combine(s_folder, file));

    private static string FindFolder()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "TinyInference.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return Path.Combine(folder ?? throw new InvalidOperationException("The tests must run inside the repository."), "src", "TinyInference");
    }
}
