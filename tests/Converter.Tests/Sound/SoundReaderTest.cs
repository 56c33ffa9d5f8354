using System.IO.Compression;
using Converter.Tests.Data;
using TinyInference.Converter;
using TinyInference.Converter.Sound;

namespace Converter.Tests.Sound;

/// <summary>Sound as people have it, brought to one channel of 16 kHz.</summary>
[TestClass]
public class SoundReaderTest
{
    [TestMethod]
    public void Samples_of_every_width_have_the_same_range()
    {
        CollectionAssert.AreEqual(new[] { 0.5f, -1 }, Read(TemporaryFiles.Wav(16000, [16384, -32768])));

        // Two bytes of a 16-bit number are two samples of 8 bits, unsigned.
        CollectionAssert.AreEqual(new[] { 0, 0.5f }, Read(TemporaryFiles.Wav(16000, [unchecked((short)0xC080)], bits: 8)));
        CollectionAssert.AreEqual(new[] { 0.5f }, Read(TemporaryFiles.Wav(16000, [0, 0x4000], bits: 32)));
        CollectionAssert.AreEqual(new[] { 0.5f, -1 }, Read(TemporaryFiles.Wav(16000, [0, 0x0040, unchecked((short)0x8000)], bits: 24)));
    }

    [TestMethod]
    public void Channels_are_mixed_and_said_to_be()
    {
        var notes = new List<string>();
        CollectionAssert.AreEqual(new[] { 0.25f, 0.125f }, SoundReader.FromWav(TemporaryFiles.Wav(16000, [16384, 0, 8192, 0], channels: 2), "a.wav", 16000, notes.Add));
        Assert.HasCount(1, notes);
        Assert.Contains("2 channels", notes[0]);
    }

    [TestMethod]
    [DataRow(8000)]
    [DataRow(22050)]
    [DataRow(44100)]
    [DataRow(48000)]
    public void A_tone_keeps_its_pitch_at_every_rate(int rate)
    {
        short[] tone = [.. Enumerable.Range(0, rate / 2).Select(n => (short)(20000 * Math.Sin(2 * Math.PI * 1000 * n / rate)))];
        float[] sound = Read(TemporaryFiles.Wav(rate, tone));
        Assert.AreEqual(8000, sound.Length, 1);
        for (int n = 1000; n < 7000; n++)
        {
            Assert.AreEqual(20000 / 32768.0 * Math.Sin(2 * Math.PI * 1000 * n / 16000), sound[n], 0.01, $"sample {n}");
        }
    }

    [TestMethod]
    public void What_a_lower_rate_cannot_hold_is_gone_and_does_not_come_back_as_another_tone()
    {
        float[] high = [.. Enumerable.Range(0, 22050).Select(n => (float)Math.Sin(2 * Math.PI * 11000 * n / 44100.0))];
        float[] sound = Resampler.Resample(high, 44100 / 16000.0);
        Assert.IsLessThan(0.01f, sound[1000..7000].Max(MathF.Abs));
    }

    [TestMethod]
    public void Rates_that_nobody_has_are_refused()
    {
        foreach (int rate in new[] { 0, 100, 1_000_000 })
        {
            Assert.Contains("samples a second", Assert.ThrowsExactly<InputException>(() => Read(TemporaryFiles.Wav(rate, [1]))).Message);
        }
    }

    [TestMethod]
    public void Any_damage_gives_sound_or_a_reason()
    {
        byte[] good = TemporaryFiles.Wav(16000, [1, 2, 3, 4, 5, 6], channels: 2);
        for (int length = 0; length < good.Length; length++)
        {
            Try(good[..length]);
        }

        for (int i = 0; i < 44; i++)
        {
            foreach (byte value in new byte[] { 0, 1, 0x7F, 0xFF })
            {
                byte[] bad = [.. good];
                bad[i] = value;
                Try(bad);
            }
        }
    }

    [TestMethod]
    public void Samples_come_through_a_pipe_whatever_the_pieces()
    {
        short[] samples = [.. Enumerable.Range(0, 4001).Select(i => (short)(i * 7))];
        byte[] raw = [.. samples.SelectMany(BitConverter.GetBytes), 1];
        CollectionAssert.AreEqual(samples, PcmStream.Read(new Trickle(raw, 777), "pipe", 16000).SelectMany(p => p).ToArray());
        byte[] odd = [.. "LIST"u8, 3, 0, 0, 0, 1, 2, 3, 0];
        CollectionAssert.AreEqual(samples, PcmStream.Read(new Trickle(TemporaryFiles.Wav(16000, samples, extraChunk: odd), 501), "pipe", 16000).SelectMany(p => p).ToArray());
        Assert.ThrowsExactly<InputException>(() => PcmStream.Read(new MemoryStream(TemporaryFiles.Wav(8000, samples)), "pipe", 16000).Count());
        Assert.ThrowsExactly<InputException>(() => PcmStream.Read(new MemoryStream(TemporaryFiles.Wav(16000, samples)[..30]), "pipe", 16000).Count());
    }

    [TestMethod]
    public void Of_a_long_recording_the_loudest_second_counts()
    {
        var sound = new float[48000];
        sound.AsSpan(20000, 10000).Fill(0.5f);
        float[] second = KeywordClips.LoudestSecond(sound);
        Assert.HasCount(16000, second);
        Assert.AreEqual(10000, second.Count(s => s != 0));
    }

    private static float[] Read(byte[] wav) => SoundReader.FromWav(wav, "a.wav", 16000, null);

    private static void Try(byte[] wav)
    {
        try
        {
            Read(wav);
        }
        catch (InputException)
        {
            // A reason was given.
        }
    }

    /// <summary>A stream that gives a few bytes at a time, as pipes do.</summary>
    private sealed class Trickle(byte[] bytes, int most) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, most));

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, most)]);
    }
}
