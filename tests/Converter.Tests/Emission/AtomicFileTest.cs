using TinyInference.Converter;
using TinyInference.Converter.IO;

namespace Converter.Tests.Emission;

[TestClass]
public class AtomicFileTest
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    [TestCleanup]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public void A_file_is_replaced_whole()
    {
        string path = Path.Combine(_folder, "out.tinf");
        File.WriteAllBytes(path, [9, 9, 9]);
        AtomicFile.Write(path, s => s.Write([1, 2]));
        CollectionAssert.AreEqual(new byte[] { 1, 2 }, File.ReadAllBytes(path));
        Assert.AreEqual(1, Directory.GetFiles(_folder).Length);
    }

    [TestMethod]
    public void A_failure_leaves_the_old_file_and_nothing_else()
    {
        string path = Path.Combine(_folder, "out.tinf");
        File.WriteAllBytes(path, [9]);
        Assert.ThrowsExactly<OperationCanceledException>(() => AtomicFile.Write(path, s =>
        {
            s.Write([1, 2]);
            throw new OperationCanceledException();
        }));
        CollectionAssert.AreEqual(new byte[] { 9 }, File.ReadAllBytes(path));
        Assert.AreEqual(1, Directory.GetFiles(_folder).Length);
    }

    [TestMethod]
    public void What_cannot_be_written_is_an_input_error_that_names_the_file()
    {
        string path = Path.Combine(_folder, "absent", "out.tinf");
        StringAssert.StartsWith(Assert.ThrowsExactly<InputException>(() => AtomicFile.Write(path, _ => { })).Message, path);
        Assert.ThrowsExactly<InputException>(() => AtomicFile.Write(_folder, _ => { }));
        Assert.AreEqual(0, Directory.GetFiles(_folder).Length);
    }
}
