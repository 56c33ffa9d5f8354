using System.Text;
using TinyInference.Converter.Emission;

namespace TinyInference.Converter.Commands;

/// <summary>Writes resource 4 (docs/SPEC.md): what a network for commands tells apart, and when it is sure enough.</summary>
internal static class CommandDescriptionWriter
{
    private const int None = 255;
    private const int HasAllowedSlots = 1;

    public static byte[] Write(CommandSchema schema, int delay, CommandThresholds thresholds)
    {
        var resource = new SectionWriter();
        resource.U8(schema.Intents.Count);
        resource.U8(schema.Slots.Count);
        resource.U8(delay);
        resource.U8(thresholds.LeastConfidence);
        resource.U8(thresholds.MostUnknown);
        resource.U8(schema.Other < 0 ? None : schema.Other);
        resource.U8(HasAllowedSlots);
        resource.U8(0);
        foreach (string name in schema.Intents.Concat(schema.Slots))
        {
            byte[] bytes = Encoding.UTF8.GetBytes(name);
            resource.U8(bytes.Length);
            resource.Raw(bytes);
        }

        for (int intent = 0; intent < schema.Intents.Count; intent++)
        {
            byte[] allowed = new byte[(schema.Slots.Count + 7) / 8];
            for (int slot = 0; slot < schema.Slots.Count; slot++)
            {
                allowed[slot / 8] |= (byte)(schema.Allows(intent, slot + 1) ? 1 << (slot % 8) : 0);
            }

            resource.Raw(allowed);
        }

        return resource.Bytes.ToArray();
    }
}
