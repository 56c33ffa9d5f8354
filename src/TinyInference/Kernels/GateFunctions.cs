namespace TinyInference;

/// <summary>
/// Sigmoid and tanh of int16 in TensorFlow Lite's way: linear between the entries of one table, as tanh(x) = 2 sigmoid(2x) - 1; and their hard forms. Results are
/// Q0.15. docs/ARITHMETIC.md, "Recurrent cells".
/// </summary>
internal static class GateFunctions
{
    /// <summary>Integers are Q3.12 before their gate's function.</summary>
    internal const int FractionBits = 12;

    /// <summary>0.2 * 2^16, for a product of Q3.12 that becomes Q0.15 by a shift of 13.</summary>
    private const int HardSlope = 13107;

    /// <summary>sigmoid(i / 24) in Q0.16, raised by half of what a line between neighbours lies below the curve: rounds h^2/16 times the curvature to it.</summary>
    private static readonly ushort[] s_sigmoid =
    {
        32768, 33451, 34133, 34813, 35493, 36169, 36843, 37513, 38180, 38841, 39498, 40149, 40794, 41432, 42064, 42688,
        43304, 43912, 44511, 45102, 45683, 46255, 46817, 47369, 47911, 48443, 48964, 49475, 49975, 50464, 50942, 51409,
        51865, 52311, 52745, 53169, 53581, 53983, 54374, 54755, 55125, 55485, 55834, 56174, 56503, 56823, 57133, 57433,
        57724, 58007, 58280, 58544, 58800, 59048, 59288, 59519, 59743, 59959, 60168, 60370, 60565, 60753, 60935, 61110,
        61279, 61441, 61599, 61750, 61896, 62036, 62172, 62302, 62428, 62549, 62666, 62778, 62886, 62990, 63090, 63186,
        63279, 63368, 63454, 63536, 63615, 63691, 63765, 63835, 63903, 63968, 64030, 64090, 64148, 64204, 64257, 64308,
        64357, 64405, 64450, 64494, 64536, 64576, 64614, 64652, 64687, 64721, 64754, 64786, 64816, 64845, 64873, 64900,
        64926, 64950, 64974, 64997, 65019, 65039, 65060, 65079, 65097, 65115, 65132, 65149, 65164, 65179, 65194, 65208,
        65221, 65234, 65246, 65258, 65269, 65280, 65291, 65301, 65310, 65319, 65328, 65337, 65345, 65352, 65360, 65367,
        65374, 65381, 65387, 65393, 65399, 65404, 65410, 65415, 65420, 65425, 65429, 65433, 65438, 65442, 65445, 65449,
        65453, 65456, 65459, 65462, 65465, 65468, 65471, 65474, 65476, 65479, 65481, 65483, 65485, 65488, 65489, 65491,
        65493, 65495, 65497, 65498, 65500, 65501, 65503, 65504, 65505, 65507, 65508, 65509, 65510, 65511, 65512, 65513,
        65514, 65515, 65516, 65517, 65517, 65518, 65519, 65520, 65520, 65521, 65522, 65522, 65523, 65523, 65524, 65524,
        65525, 65525, 65526, 65526, 65526, 65527, 65527, 65528, 65528, 65528, 65529, 65529, 65529, 65529, 65530, 65530,
        65530, 65530, 65531, 65531, 65531, 65531, 65531, 65532, 65532, 65532, 65532, 65532, 65532, 65533, 65533, 65533,
        65533, 65533, 65533, 65533, 65533, 65534, 65534, 65534, 65534, 65534, 65534, 65534, 65534, 65534, 65534, 65535,
    };

    /// <summary>Replaces <paramref name="count"/> numbers in Q3.12 by their sigmoids.</summary>
    internal static void Sigmoid(bool isHard, int[] values, int from, int count)
    {
        int end = from + count;
        if (isHard)
        {
            for (int i = from; i < end; i++)
            {
                int y = (((values[i] * HardSlope) + (1 << 12)) >> 13) + (1 << 14);
                values[i] = y < 0 ? 0 : y > short.MaxValue ? short.MaxValue : y;
            }

            return;
        }

        ushort[] table = s_sigmoid;
        for (int i = from; i < end; i++)
        {
            // 3/4 of the number in units of 1/24 of Q0.9: the table's steps. An int16 stays inside the table.
            int x = values[i] * 3;
            int magnitude = x < 0 ? -x : x;
            int step = magnitude >> 9;
            int low = table[step];
            int y = (low << 9) + ((magnitude & 511) * (table[step + 1] - low));
            values[i] = (x < 0 ? (1 << 25) - y + 511 : y + 512) >> 10;
        }
    }

    /// <summary>Replaces <paramref name="count"/> numbers by their hyperbolic tangents.</summary>
    internal static void Tanh(bool isHard, int[] values, int from, int count, int fractionBits)
    {
        int end = from + count;
        if (isHard)
        {
            for (int i = from; i < end; i++)
            {
                int y = values[i] << (15 - fractionBits);
                values[i] = y > short.MaxValue ? short.MaxValue : y < -short.MaxValue ? -short.MaxValue : y;
            }

            return;
        }

        int left = FractionBits - fractionBits;
        int multiplier = left < 0 ? 3 : 3 << left;
        int right = left < 0 ? -left : 0;
        int half = right > 0 ? 1 << (right - 1) : 0;
        ushort[] table = s_sigmoid;
        for (int i = from; i < end; i++)
        {
            int x = ((values[i] * multiplier) + half) >> right;
            int magnitude = x < 0 ? -x : x;
            int step = magnitude >> 8;
            int y = 0xFFFF << 8;
            if (step < 255)
            {
                int low = table[step];
                y = (low << 8) + ((magnitude & 255) * (table[step + 1] - low));
            }

            values[i] = (x < 0 ? (1 << 23) - y + 127 : y - (1 << 23) + 128) >> 8;
        }
    }
}
