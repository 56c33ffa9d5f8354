using TinyInference.Converter;
using TinyInference.Converter.Features;

namespace Converter.Tests.Features;

[TestClass]
public class InputPreparationTest
{
    [TestMethod]
    [DataRow("")]
    [DataRow("scale=0.003921569;offset=-0.5")]
    [DataRow("scale=0.5,2;offset=-1,0;limit=4")]
    [DataRow("data=float32;scale=0.5;limit=4")]
    [DataRow("features=mfcc;rate=16000;window=30;step=20;mel=40;coefficients=10;frames=49")]
    [DataRow("features=log-mel;rate=8000;window=32;step=16;mel=20;frames=31;scale=2")]
    public void Text_survives_reading_and_writing(string text) => Assert.AreEqual(text, InputPreparation.Parse(text).ToString());

    [TestMethod]
    public void Absent_keys_have_the_benchmarks_values() =>
        Assert.AreEqual(new InputPreparation(new FeatureSettings()), InputPreparation.Parse("features=mfcc"));

    [TestMethod]
    [DataRow("colour=red")]
    [DataRow("scale")]
    [DataRow("scale=NaN")]
    [DataRow("scale=1,,2")]
    [DataRow("scale=1,0")]
    [DataRow("scale=1,2,3;offset=1,2")]
    [DataRow("limit=0")]
    [DataRow("features=fft")]
    [DataRow("features=mfcc;rate=44100")]
    [DataRow("features=mfcc;window=0")]
    [DataRow("features=mfcc;coefficients=41")]
    [DataRow("features=mfcc;frames=99999999999")]
    public void What_is_not_in_the_specification_is_refused(string text) =>
        Assert.ThrowsExactly<InputException>(() => InputPreparation.Parse(text));

    [TestMethod]
    public void Each_column_has_its_scale_and_offset_and_all_one_limit()
    {
        float[] samples = [10, 3, 100, -3];
        InputPreparation preparation = InputPreparation.Parse("scale=0.1,2;offset=1,-1;limit=6");
        preparation.Apply(samples);
        CollectionAssert.AreEqual(new float[] { 2, 5, 6, -6 }, samples);
        preparation.Undo(samples);
        Assert.AreEqual(10, samples[0], 1e-5f);
        Assert.AreEqual(3, samples[1], 1e-5f);
    }

    [TestMethod]
    public void Scales_for_another_number_of_columns_are_refused() =>
        StringAssert.Contains(Assert.ThrowsExactly<InputException>(() => InputPreparation.Parse("scale=1,2;offset=3").CheckColumns(3, "rows.csv")).Message, "2 columns");
}
