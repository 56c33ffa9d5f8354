namespace TinyInference.Converter.Features;

internal static class HannWindow
{
    /// <summary>The periodic Hann window, w[n] = 0.5 - 0.5 cos(2 pi n / length), for an even length; symmetric for an odd one, as TensorFlow has it.</summary>
    public static double[] Create(int length)
    {
        int period = length % 2 == 0 ? length : length - 1;
        var window = new double[length];
        for (int n = 0; n < length; n++)
        {
            window[n] = length == 1 ? 1 : 0.5 - (0.5 * Math.Cos(2 * Math.PI * n / period));
        }

        return window;
    }
}
