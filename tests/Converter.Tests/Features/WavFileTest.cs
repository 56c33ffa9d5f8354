using Converter.Tests.Data;
using TinyInference.Converter;
using TinyInference.Converter.Features;

namespace Converter.Tests.Features;

[TestClass]
public class WavFileTest
{
    [TestMethod]
    public void Chunks_that_are_not_needed_are_passed_over()
    {
        byte[] odd = [.. "LIST"u8, 3, 0, 0, 0, 1, 2, 3, 0];
        WavFile wav = WavFile.Read(TemporaryFiles.Wav(8000, [1, -2, 3], extraChunk: odd), "a.wav");
        CollectionAssert.AreEqual(new short[] { 1, -2, 3 }, wav.Samples);
        Assert.AreEqual(8000, wav.SampleRate);
    }

    [TestMethod]
    public void Of_several_channels_the_first_is_used()
    {
        WavFile wav = WavFile.Read(TemporaryFiles.Wav(16000, [1, 10, 2, 20], channels: 2), "a.wav");
        CollectionAssert.AreEqual(new short[] { 1, 2 }, wav.Samples);
        Assert.AreEqual(2, wav.Channels);
    }

    [TestMethod]
    public void Extensible_format_with_PCM_inside_is_PCM()
    {
        byte[] plain = TemporaryFiles.Wav(16000, [7]);
        byte[] extension = [22, 0, 16, 0, 4, 0, 0, 0, 1, 0, .. new byte[14]];
        byte[] extensible = [.. plain.AsSpan(0, 36), .. extension, .. plain.AsSpan(36)];
        extensible[16] = 40;
        extensible[20] = 0xFE;
        extensible[21] = 0xFF;
        CollectionAssert.AreEqual(new short[] { 7 }, WavFile.Read(extensible, "a.wav").Samples);
    }

    [TestMethod]
    public void A_file_that_ends_early_gives_what_is_there()
    {
        WavFile wav = WavFile.Read(TemporaryFiles.Wav(16000, [1, 2, 3]).AsSpan()[..^3], "a.wav");
        CollectionAssert.AreEqual(new short[] { 1 }, wav.Samples);
        Assert.IsTrue(wav.Truncated);
    }

    [TestMethod]
    public void Other_encodings_are_named()
    {
        Fails(TemporaryFiles.Wav(44100, [1]), "44100");
        Fails(TemporaryFiles.Wav(16000, [1], bits: 8), "8-bit PCM");
        Fails(TemporaryFiles.Wav(16000, [1], bits: 32, format: 3), "floating point");
        Fails(TemporaryFiles.Wav(16000, []), "0 samples");
        Fails(TemporaryFiles.Wav(16000, [1])[..36], "no \"data\"");
    }

    private static void Fails(byte[] bytes, string part) =>
        Assert.Contains(part, Assert.ThrowsExactly<InputException>(() => WavFile.Read(bytes, "a.wav")).Message);
}
