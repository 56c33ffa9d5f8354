using System.Text;
using TinyInference.Converter.Emission;

namespace TinyInference.Converter.Commands;

/// <summary>Writes resource 4 (docs/SPEC.md): what a network for commands tells apart, and when it is sure enough.</summary>
internal static class CommandDescriptionWriter
{
    private const int None = 255;

    public static byte[] Write(CommandSchema schema, int delay, CommandThresholds thresholds)
    {
        var resource = new SectionWriter();
        resource.U8(schema.Intents.Count);
        resource.U8(schema.Slots.Count);
        resource.U8(delay);
        resource.U8(thresholds.LeastConfidence);
        resource.U8(thresholds.MostUnknown);
        resource.U8(schema.Other < 0 ? None : schema.Other);
        resource.U16(0);
        foreach (string name in schema.Intents.Concat(schema.Slots))
        {
            byte[] bytes = Encoding.UTF8.GetBytes(name);
            resource.U8(bytes.Length);
            resource.Raw(bytes);
        }

        return resource.Bytes.ToArray();
    }
}
