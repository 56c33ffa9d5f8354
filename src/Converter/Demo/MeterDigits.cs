using TinyInference.Converter.Data;
using TinyInference.Converter.Graphs;

namespace TinyInference.Converter.Demo;

/// <summary>
/// Pictures of single digits as a camera in front of a water or gas meter sees them: 24 x 16 grey pixels, drawn from a 5 x 7 font with
/// random place, size, slant, thickness, light, blur and noise, and now and then with the next digit rolling in. Made by arithmetic alone,
/// so that the sample of this repository needs no data from outside; the same seed draws the same pictures on every machine.
/// </summary>
internal static class MeterDigits
{
    public const int Height = 24;
    public const int Width = 16;
    public const int Classes = 10;

    /// <summary>Pictures of the repository's sample.</summary>
    public const int TrainingPictures = 6000;
    public const int CalibrationPictures = 200;
    public const int TestPictures = 1000;

    private const int GlyphHeight = 7;
    private const int GlyphWidth = 5;

    /// <summary>Seven rows of five pixels for each digit, the leftmost pixel in the highest bit.</summary>
    private static readonly byte[][] s_font =
    [
        [0b01110, 0b10001, 0b10011, 0b10101, 0b11001, 0b10001, 0b01110],
        [0b00100, 0b01100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110],
        [0b01110, 0b10001, 0b00001, 0b00110, 0b01000, 0b10000, 0b11111],
        [0b01110, 0b10001, 0b00001, 0b00110, 0b00001, 0b10001, 0b01110],
        [0b00010, 0b00110, 0b01010, 0b10010, 0b11111, 0b00010, 0b00010],
        [0b11111, 0b10000, 0b11110, 0b00001, 0b00001, 0b10001, 0b01110],
        [0b00110, 0b01000, 0b10000, 0b11110, 0b10001, 0b10001, 0b01110],
        [0b11111, 0b00001, 0b00010, 0b00100, 0b01000, 0b01000, 0b01000],
        [0b01110, 0b10001, 0b10001, 0b01110, 0b10001, 0b10001, 0b01110],
        [0b01110, 0b10001, 0b10001, 0b01111, 0b00001, 0b00010, 0b01100],
    ];

    public static Shape SampleShape { get; } = new(Height, Width, 1);

    /// <summary>Draws <paramref name="count"/> pictures, the digits in turn.</summary>
    /// <returns>Pixels 0 (dark) to 255, picture after picture, row by row; and the digits.</returns>
    public static (byte[] Pixels, int[] Labels) Draw(int count, int seed)
    {
        var random = new Random(seed);
        var pixels = new byte[count * Height * Width];
        var labels = new int[count];
        for (int i = 0; i < count; i++)
        {
            labels[i] = i % Classes;
            DrawOne(labels[i], random, pixels.AsSpan(i * Height * Width, Height * Width));
        }

        return (pixels, labels);
    }

    /// <summary>Writes pictures and their digits as MNIST has them: NAME-images-idx3-ubyte and NAME-labels-idx1-ubyte.</summary>
    /// <exception cref="InputException">They cannot be written.</exception>
    public static void Save(string folder, string name, int count, int seed)
    {
        (byte[] pixels, int[] labels) = Draw(count, seed);
        IdxWriter.Write(Path.Combine(folder, name + "-images-idx3-ubyte"), [count, Height, Width], pixels);
        IdxWriter.Write(Path.Combine(folder, name + "-labels-idx1-ubyte"), [count], Array.ConvertAll(labels, l => (byte)l));
    }

    private static void DrawOne(int digit, Random random, Span<byte> pixels)
    {
        double Between(double from, double to) => from + ((to - from) * random.NextDouble());

        double glyphHeight = Between(14, 19);
        double glyphWidth = Between(8, 12);
        double centreX = (Width / 2.0) + Between(-2, 2);
        double centreY = (Height / 2.0) + Between(-2.5, 2.5);
        double slant = Between(-0.2, 0.2);
        double angle = Between(-0.12, 0.12);
        double blur = Between(0.25, 0.6);

        // A wheel between two digits shows the end of one and the start of the next; the label is the one shown for the most part.
        double roll = random.NextDouble() < 0.25 ? Between(-0.35, 0.35) : 0;
        double paper = Between(120, 245);
        double ink = Between(10, paper - 75);
        bool inverted = random.NextDouble() < 0.4;
        double gradient = Between(-35, 35);
        double noise = Between(3, 16);
        double cosine = Math.Cos(angle);
        double sine = Math.Sin(angle);
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                double dx = x + 0.5 - centreX;
                double dy = y + 0.5 - centreY;
                double u = ((cosine * dx) + (sine * dy) + (slant * dy)) / glyphWidth;
                double v = (((cosine * dy) - (sine * dx)) / glyphHeight) + roll;
                double cover = Cover(digit, u, v, blur)
                    + Cover((digit + 1) % Classes, u, v - 1.3, blur)
                    + Cover((digit + Classes - 1) % Classes, u, v + 1.3, blur);
                double shade = inverted ? 1 - Math.Min(cover, 1) : Math.Min(cover, 1);
                double light = paper + ((ink - paper) * shade) + (gradient * ((y / (double)Height) - 0.5)) + (noise * Gauss(random));
                pixels[(y * Width) + x] = (byte)Math.Clamp(light, 0, 255);
            }
        }
    }

    /// <summary>How much ink glyph <paramref name="digit"/> leaves at (u, v), both -0.5 to 0.5 over the glyph; interpolated, the edge soft by <paramref name="blur"/>.</summary>
    private static double Cover(int digit, double u, double v, double blur)
    {
        double column = ((u + 0.5) * GlyphWidth) - 0.5;
        double row = ((v + 0.5) * GlyphHeight) - 0.5;
        int left = (int)Math.Floor(column);
        int top = (int)Math.Floor(row);
        double right = column - left;
        double below = row - top;
        double ink = ((1 - below) * (((1 - right) * Pixel(digit, left, top)) + (right * Pixel(digit, left + 1, top))))
            + (below * (((1 - right) * Pixel(digit, left, top + 1)) + (right * Pixel(digit, left + 1, top + 1))));
        return Math.Clamp(((ink - 0.5) / blur) + 0.5, 0, 1);
    }

    private static int Pixel(int digit, int column, int row) =>
        (uint)column < GlyphWidth && (uint)row < GlyphHeight ? (s_font[digit][row] >> (GlyphWidth - 1 - column)) & 1 : 0;

    private static double Gauss(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
