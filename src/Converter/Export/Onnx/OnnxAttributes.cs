using Google.Protobuf;
using TinyInference.Converter.Import.Onnx.Schema;

namespace TinyInference.Converter.Export.Onnx;

/// <summary>Attributes that are lists.</summary>
internal static class OnnxAttributes
{
    private const int FloatsAttribute = 6;
    private const int StringsAttribute = 8;

    public static AttributeProto Floats(string name, IEnumerable<float> values)
    {
        var attribute = new AttributeProto { Name = name, Type = FloatsAttribute };
        attribute.Floats.AddRange(values);
        return attribute;
    }

    public static AttributeProto Words(string name, IEnumerable<string> values)
    {
        var attribute = new AttributeProto { Name = name, Type = StringsAttribute };
        attribute.Strings.AddRange(values.Select(ByteString.CopyFromUtf8));
        return attribute;
    }
}
