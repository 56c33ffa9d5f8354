namespace TinyInference.Converter.Data.Images;

/// <summary>Pictures from files, recognised by their first bytes.</summary>
internal static class ImageFile
{
    /// <summary>Names that pictures end in; those that cannot be read among them, so that they are refused and not overlooked.</summary>
    public static readonly string[] Extensions = [".png", ".bmp", ".ppm", ".pgm", ".jpg", ".jpeg", ".gif", ".webp", ".tif", ".tiff"];

    /// <exception cref="InputException">It is damaged or in a format that cannot be read.</exception>
    public static Image Read(byte[] bytes, string name)
    {
        ReadOnlySpan<byte> start = bytes;
        try
        {
            return start switch
            {
                _ when start.StartsWith(PngDecoder.Signature) => PngDecoder.Read(bytes, name),
                [(byte)'B', (byte)'M', ..] => BmpDecoder.Read(bytes, name),
                [(byte)'P', >= (byte)'1' and <= (byte)'6', ..] => NetpbmDecoder.Read(bytes, name),
                [0xFF, 0xD8, ..] => throw new InputException($"{name}: is a JPEG, which this tool cannot read; convert the pictures to PNG first, for example: mogrify -format png *.jpg"),
                _ => throw new InputException($"{name}: is no picture that can be read; PNG, BMP, PPM and PGM can"),
            };
        }
        catch (Exception e) when (e is IndexOutOfRangeException or ArgumentException or OverflowException)
        {
            throw new InputException($"{name}: the picture is cut off or damaged", e);
        }
    }
}
