using System.Globalization;
using System.Text.RegularExpressions;
using TinyInference;
using TinyInference.Converter.Cli.Prediction;
using TinyInference.Device;

namespace Converter.Tests.Device;

/// <summary>How the console makes inputs from samples and texts from outputs.</summary>
[TestClass]
public class SampleTest
{
    [TestMethod]
    public void Int8_goes_in_as_it_is()
    {
        byte[] sample = [0, 1, 127, 128, 129, 255, 7, 200];

        CollectionAssert.AreEqual(Array.ConvertAll(sample, b => (sbyte)b), Converted(TinyBlob.Create(), sample));
    }

    [TestMethod]
    public void Pixels_are_scaled_and_quantized()
    {
        byte[] sample = [0, 1, 100, 127, 128, 254, 255, 7];

        // real = pixel / 4 - 30, q = round(real / 0.5) + 3.
        sbyte[] expected = [.. sample.Select(p => (sbyte)Math.Clamp(Math.Round(((p * 0.25) - 30) / 0.5, MidpointRounding.AwayFromZero) + 3, -128, 127))];
        CollectionAssert.AreEqual(expected, Converted(TinyBlob.Create(preparation: "data=uint8;scale=0.25;offset=-30"), sample));
    }

    [TestMethod]
    public void Reals_are_quantized_as_the_tool_does_it()
    {
        var random = new Random(3);
        var model = Model.Load(TinyBlob.Create(preparation: "data=float32"));
        var sample = new Sample(model);
        for (int i = 0; i < 5000; i++)
        {
            float[] reals = [.. Enumerable.Range(0, TinyBlob.Inputs).Select(_ => i % 2 == 0 ? (float)(random.Next(-500, 500) * 0.25) : BitConverter.Int32BitsToSingle(random.Next() << 1))];
            reals = [.. reals.Select(r => float.IsNaN(r) ? 0.25f : r)];
            byte[] expected = new byte[model.ArenaBytes];
            TensorBytes.Quantize(reals, model.Inputs[0], expected);

            sample.Set([.. reals.SelectMany(BitConverter.GetBytes)]);

            CollectionAssert.AreEqual(Array.ConvertAll(expected[..8], b => (sbyte)b), sample.Input, string.Join(' ', reals));
        }
    }

    [TestMethod]
    public void Columns_have_their_own_scales_and_a_limit()
    {
        byte[] reals = [.. Enumerable.Range(0, 8).SelectMany(i => BitConverter.GetBytes(i == 7 ? 1e9f : (float)i))];

        // real = min(i * (i + 1) - 1, 10), q = real / 0.5 + 3.
        CollectionAssert.AreEqual(
            new sbyte[] { 1, 5, 13, 23, 23, 23, 23, 23 },
            Converted(TinyBlob.Create(preparation: "data=float32;scale=1,2,3,4,5,6,7,8;offset=-1,-1,-1,-1,-1,-1,-1,-1;limit=10"), reals));
    }

    [TestMethod]
    public void Reals_are_taken_where_bytes_are_expected_too()
    {
        byte[] reals = [.. Enumerable.Range(0, 8).SelectMany(i => BitConverter.GetBytes((float)i))];

        CollectionAssert.AreEqual(new sbyte[] { 3, 5, 7, 9, 11, 13, 15, 17 }, Converted(TinyBlob.Create(), reals));
    }

    [TestMethod]
    public void Results_are_the_dequantized_outputs()
    {
        byte[] blob = TinyBlob.Create();
        byte[] sample = [5, 250, 17, 99, 128, 0, 255, 64];
        var session = new Session(Model.Load(blob));
        session.SetInput(0, (sbyte[])(Array)sample);
        session.Run();
        var output = new sbyte[3];
        session.GetOutput(0, output);
        var console = new ConsoleHarness(blob);
        console.Load(sample);

        string reply = console.Send("infer 1 0%");

        string[] actual = Regex.Match(reply, @"m-results-\[(.*)\]").Groups[1].Value.Split(',');
        CollectionAssert.AreEqual(output.Select(q => Math.Round((q + 5) / 64m, 3, MidpointRounding.ToEven).ToString("0.000", CultureInfo.InvariantCulture)).ToArray(), actual);
        Assert.AreEqual($"m-results-[{string.Join(',', actual)}]\r\nm-ready\r\n", console.Send("results%"));
    }

    [TestMethod]
    public void A_network_that_reconstructs_gives_its_mean_squared_error()
    {
        byte[] blob = TinyBlob.Create(outputs: 8, preparation: "data=float32", task: "reconstruction");
        float[] reals = [0.1f, -3.7f, 2.25f, 9, 0, 1, -1, 0.3f];
        var model = Model.Load(blob);
        var session = new Session(model);
        byte[] arena = new byte[model.ArenaBytes];
        TensorBytes.Quantize(reals, model.Inputs[0], arena);
        session.SetInput(0, (sbyte[])(Array)arena[..8]);
        session.Run();
        var output = new sbyte[8];
        session.GetOutput(0, output);
        double expected = output.Select((q, i) => Math.Pow(((q + 5) / 64.0) - reals[i], 2)).Average();
        var console = new ConsoleHarness(blob);
        console.Load([.. reals.SelectMany(BitConverter.GetBytes)]);

        string result = Regex.Match(console.Send("infer 1 0%"), @"m-results-\[(.*)\]").Groups[1].Value;

        Assert.AreEqual(expected, double.Parse(result, CultureInfo.InvariantCulture), 0.0006);
    }

    [TestMethod]
    public void Three_decimals_are_those_of_the_exact_value_halves_to_even()
    {
        for (int i = -70_000; i < 70_000; i++)
        {
            // Exact in binary and decimal, with every kind of tie.
            float value = i / 4096f;
            string expected = Math.Round(Math.Abs(i) / 4096m, 3, MidpointRounding.ToEven).ToString("0.000", CultureInfo.InvariantCulture);
            Assert.AreEqual((i < 0 ? "-" : "") + expected, Milli(value));
        }
    }

    [TestMethod]
    [DataRow(0f, "0.000")]
    [DataRow(1e-30f, "0.000")]
    [DataRow(float.Epsilon, "0.000")]
    [DataRow(16777216f, "16777216.000")]
    [DataRow(33554432f, "33554432.000")]
    [DataRow(float.MaxValue, "1000000000000.000")]
    [DataRow(float.NegativeInfinity, "-1000000000000.000")]
    [DataRow(float.NaN, "nan")]
    public void Extreme_numbers_have_a_text(float value, string text) => Assert.AreEqual(text, Milli(value));

    private static string Milli(float value)
    {
        var line = new FakeLine();
        var reply = new ReplyWriter(line);
        Real.WriteMilli(value, reply);
        reply.Flush();
        return line.Take();
    }

    private static sbyte[] Converted(byte[] blob, byte[] bytes)
    {
        var sample = new Sample(Model.Load(blob));
        Assert.IsTrue(sample.Fits(bytes.Length));
        sample.Set(bytes);
        return sample.Input;
    }
}
