namespace TinyInference.Converter.Data.Images;

/// <summary>PGM and PPM (netpbm), as text or binary, of up to 16 bits.</summary>
internal static class NetpbmDecoder
{
    /// <exception cref="InputException">The file is damaged or a bitmap of one bit.</exception>
    public static Image Read(byte[] file, string name)
    {
        int kind = file[1] - '0';
        if (kind is 1 or 4)
        {
            throw new InputException($"{name}: is a PBM of one bit a pixel, which this tool cannot read; save it as PGM or PNG");
        }

        int at = 2;
        int width = Number(file, ref at, name);
        int height = Number(file, ref at, name);
        int maximum = Number(file, ref at, name);
        Image.CheckExtents(width, height, name);
        if (maximum is < 1 or > 65535)
        {
            throw new InputException($"{name}: the picture's largest value is {maximum}; 1 to 65535 can be");
        }

        int channels = kind is 3 or 6 ? 3 : 1;
        long count = (long)width * height * channels;
        bool isText = kind is 2 or 3;
        int size = isText ? 1 : maximum > 255 ? 2 : 1;
        if (count * size > file.Length - at)
        {
            throw new InputException($"{name}: the picture is cut off: {width} x {height} pixels do not fit into {file.Length:N0} bytes");
        }

        // One white space ends the header of a binary picture.
        at += isText ? 0 : 1;
        byte[] pixels = new byte[count];
        for (int i = 0; i < pixels.Length; i++)
        {
            int value = isText ? Number(file, ref at, name) : size == 2 ? (file[at + (2 * i)] << 8) | file[at + (2 * i) + 1] : file[at + i];
            pixels[i] = (byte)((Math.Min(value, maximum) * 255 + (maximum / 2)) / maximum);
        }

        return new Image(height, width, channels, pixels);
    }

    private static int Number(byte[] file, ref int at, string name)
    {
        while (at < file.Length && (file[at] == '#' || char.IsWhiteSpace((char)file[at])))
        {
            if (file[at] == '#')
            {
                while (at < file.Length && file[at] != '\n')
                {
                    at++;
                }
            }
            else
            {
                at++;
            }
        }

        int value = 0;
        int start = at;
        for (; at < file.Length && char.IsAsciiDigit((char)file[at]) && at - start < 9; at++)
        {
            value = (value * 10) + file[at] - '0';
        }

        return at > start ? value : throw new InputException($"{name}: the picture is cut off or damaged: a number is missing");
    }
}
