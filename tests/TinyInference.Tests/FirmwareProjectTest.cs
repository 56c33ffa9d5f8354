using System.Xml.Linq;

namespace TinyInference.Tests;

/// <summary>The device projects of the firmware cannot be built where the device's packages are missing: at least their lists are right.</summary>
[TestClass]
public class FirmwareProjectTest
{
    [TestMethod]
    [DataRow("firmware/App/TinyInference.App.nfproj")]
    [DataRow("firmware/Examples/VacuumSteering/TinyInference.VacuumSteering.nfproj")]
    [DataRow("firmware/Examples/RouterPresence/TinyInference.RouterPresence.nfproj")]
    [DataRow("firmware/Examples/CommandListener/TinyInference.CommandListener.nfproj")]
    [DataRow("tests/NanoFramework/TinyInference.Emulator.nfproj")]
    public void Files_and_packages_are_those_there_are(string project)
    {
        string path = Path.Combine(Repository(), project);
        string folder = Path.GetDirectoryName(path)!;
        XDocument document = XDocument.Load(path);
        string[] Values(string element) => [.. document.Descendants().Where(e => e.Name.LocalName == element).Select(e => (e.Attribute("Include")?.Value ?? e.Value).Replace('\\', '/'))];

        string[] compiled = Values("Compile");
        foreach (string file in compiled.Concat(Values("ProjectReference")))
        {
            Assert.IsTrue(File.Exists(Path.Combine(folder, file)), $"{project}: {file}");
        }

        // Folder Board of an example is for those who have the sensor.
        IEnumerable<string> sources = Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(folder, f).Replace('\\', '/'));
        bool isExample = project.Contains("Examples", StringComparison.Ordinal);
        foreach (string file in sources.Where(f => !f.StartsWith("obj/", StringComparison.Ordinal) && !f.StartsWith("bin/", StringComparison.Ordinal) && !(isExample && f.StartsWith("Board/", StringComparison.Ordinal))))
        {
            CollectionAssert.Contains(compiled, file, project);
        }

        string[] packages = [.. XDocument.Load(Path.Combine(folder, "packages.config")).Descendants("package").Select(p => $"{p.Attribute("id")!.Value}.{p.Attribute("version")!.Value}")];
        foreach (string hint in Values("HintPath"))
        {
            CollectionAssert.Contains(packages, hint.Split("packages/")[1].Split('/')[0], project);
            StringAssert.StartsWith(Path.GetFullPath(Path.Combine(folder, hint)), Path.Combine(Repository(), "packages"));
        }
    }

    private static string Repository()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "TinyInference.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("The tests must run inside the repository.");
    }
}
