namespace TinyInference.Device;

/// <summary>Numbers in the words of a command.</summary>
internal static class Numbers
{
    private const int Largest = 1000000000;

    /// <summary>The integer that a word begins with, 0 where it begins with none, as C's atoi; limited to a billion either way.</summary>
    internal static int Leading(string word)
    {
        int position = 0;
        bool negative = word[0] == '-';
        if (negative || word[0] == '+')
        {
            position = 1;
        }

        int value = 0;
        while (position < word.Length && word[position] >= '0' && word[position] <= '9')
        {
            if (value < Largest)
            {
                value = (value * 10) + word[position] - '0';
            }

            if (value > Largest || value < 0)
            {
                value = Largest;
            }

            position++;
        }

        return negative ? -value : value;
    }

    /// <summary>The value of a hexadecimal digit, or -1.</summary>
    internal static int HexDigit(char digit)
    {
        if (digit >= '0' && digit <= '9')
        {
            return digit - '0';
        }

        if (digit >= 'a' && digit <= 'f')
        {
            return digit - 'a' + 10;
        }

        return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
    }

    /// <summary>Eight hexadecimal digits as a number; false where the word is anything else.</summary>
    internal static bool TryHex32(string word, out uint value)
    {
        value = 0;
        if (word.Length != 8)
        {
            return false;
        }

        for (int i = 0; i < 8; i++)
        {
            int digit = HexDigit(word[i]);
            if (digit < 0)
            {
                return false;
            }

            value = (value << 4) | (uint)digit;
        }

        return true;
    }
}
