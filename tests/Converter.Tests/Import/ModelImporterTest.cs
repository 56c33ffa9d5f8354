using TinyInference.Converter;
using TinyInference.Converter.Import;

namespace Converter.Tests.Import;

/// <summary>Files that are no network say what they are instead.</summary>
[TestClass]
public class ModelImporterTest
{
    private string _folder = "";

    [TestInitialize]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("tinyinference").FullName;

    [TestCleanup]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    [DataRow("", "empty")]
    [DataRow("TINF and so on", "converted blob")]
    [DataRow("PK\u0003\u0004keras", "zip archive")]
    [DataRow("PK\u0003\u0004 archive/data.pkl", "PyTorch")]
    [DataRow("\u0089HDF\r\n", "Keras HDF5")]
    [DataRow("\u0080\u0002pickle", "pickled")]
    [DataRow("something", "not recognised")]
    public void Unknown_formats_are_guessed(string content, string part)
    {
        string path = Path.Combine(_folder, "model.bin");
        File.WriteAllBytes(path, [.. content.Select(static c => (byte)c)]);
        StringAssert.Contains(Message(path), part);
    }

    [TestMethod]
    public void A_missing_file_is_named() => StringAssert.Contains(Message(Path.Combine(_folder, "none.tflite")), "none.tflite: there is no such file");

    [TestMethod]
    public void A_saved_model_is_known_by_its_folder()
    {
        StringAssert.Contains(Message(_folder), "a folder");
        File.WriteAllText(Path.Combine(_folder, "saved_model.pb"), "");
        StringAssert.Contains(Message(_folder), "SavedModel");
    }

    private static string Message(string path) => Assert.ThrowsExactly<InputException>(() => ModelImporter.Load(path)).Message;
}
