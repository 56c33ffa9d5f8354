using System.IO;

namespace TinyInference.Device;

/// <summary>
/// Keeps blobs in two files, one in use and one to receive into; a third of one byte says which is which. Nothing is renamed and the file in
/// use is never written, so that power can fail at any moment. As long as there is no file, the model is the one built in, if any. Weights stay
/// in the file and are read operator by operator, or are loaded where memory allows.
/// </summary>
public sealed class FileModelStore : IModelStore
{
    private readonly string[] _blobs;
    private readonly string _selection;
    private readonly bool _keepWeightsInFile;
    private readonly Stream _builtIn;
    private FileStream _inUse;
    private FileStream _receiving;
    private int _selected;

    /// <param name="folder">With its separator at the end: "I:\".</param>
    /// <param name="keepWeightsInFile">Read each operator's weights whenever it runs: slower, and needs memory for the largest ones only.</param>
    /// <param name="builtIn">The blob to load while there is no file; or null. Stays open.</param>
    public FileModelStore(string folder, bool keepWeightsInFile, Stream builtIn)
    {
        _blobs = new[] { folder + "model.tinf", folder + "model2.tinf" };
        _selection = folder + "model.sel";
        _keepWeightsInFile = keepWeightsInFile;
        _builtIn = builtIn;
        _selected = ReadSelection();
    }

    /// <inheritdoc/>
    public Model Load()
    {
        if (_builtIn is null || File.Exists(_blobs[_selected]))
        {
            return Load(_blobs[_selected]);
        }

        CloseInUse();
        _builtIn.Seek(0, SeekOrigin.Begin);
        return Model.Load(_builtIn, _keepWeightsInFile);
    }

    /// <inheritdoc/>
    public bool Begin(int length)
    {
        CloseReceiving();
        try
        {
            _receiving = new FileStream(_blobs[1 - _selected], FileMode.Create, FileAccess.Write);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Append(byte[] bytes, int offset, int count)
    {
        if (_receiving is null)
        {
            return;
        }

        try
        {
            _receiving.Write(bytes, offset, count);
        }
        catch (IOException)
        {
            // The storage is full: the blob is found too short when it is loaded.
            CloseReceiving();
        }
    }

    /// <inheritdoc/>
    public Model LoadReceived()
    {
        CloseReceiving();
        return Load(_blobs[1 - _selected]);
    }

    /// <inheritdoc/>
    public void Keep()
    {
        var stream = new FileStream(_selection, FileMode.Create, FileAccess.Write);
        try
        {
            stream.WriteByte((byte)(1 - _selected));
        }
        finally
        {
            stream.Dispose();
        }

        _selected = 1 - _selected;
    }

    /// <inheritdoc/>
    public void Discard()
    {
        CloseReceiving();
        CloseInUse();
        if (File.Exists(_blobs[1 - _selected]))
        {
            File.Delete(_blobs[1 - _selected]);
        }
    }

    private Model Load(string path)
    {
        CloseInUse();
        if (!File.Exists(path))
        {
            throw new BlobException(BlobError.Truncated, -1);
        }

        _inUse = new FileStream(path, FileMode.Open, FileAccess.Read);
        Model model = Model.Load(_inUse, _keepWeightsInFile);
        if (!_keepWeightsInFile)
        {
            CloseInUse();
        }

        return model;
    }

    private int ReadSelection()
    {
        if (!File.Exists(_selection))
        {
            return 0;
        }

        var stream = new FileStream(_selection, FileMode.Open, FileAccess.Read);
        try
        {
            return stream.ReadByte() == 1 ? 1 : 0;
        }
        finally
        {
            stream.Dispose();
        }
    }

    private void CloseInUse()
    {
        if (_inUse is not null)
        {
            _inUse.Dispose();
            _inUse = null;
        }
    }

    private void CloseReceiving()
    {
        if (_receiving is not null)
        {
            _receiving.Dispose();
            _receiving = null;
        }
    }
}
