using TinyInference.Converter;
using TinyInference.Converter.Features;

namespace Converter.Tests.Features;

[TestClass]
public class InputPreparationTest
{
    [TestMethod]
    [DataRow("")]
    [DataRow("scale=0.003921569;offset=-0.5")]
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
    [DataRow("features=fft")]
    [DataRow("features=mfcc;rate=44100")]
    [DataRow("features=mfcc;window=0")]
    [DataRow("features=mfcc;coefficients=41")]
    [DataRow("features=mfcc;frames=99999999999")]
    public void What_is_not_in_the_specification_is_refused(string text) =>
        Assert.ThrowsExactly<InputException>(() => InputPreparation.Parse(text));
}
