#nullable disable
#pragma warning disable CA1812, CA1822, CA1823, CS0169, CS0649, IDE0051, CA1852, CA1805, CA1802, CA1814, CA1051, CA1815, CA1000, CA1844

namespace TinyInference.Tests.DeviceSamples;

// What DeviceApiTest must let pass, and one class for each thing that it must find.
internal class AllowedSample
{
    private static readonly uint[] s_table = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20 };
    private readonly sbyte[] _bytes = new sbyte[8];

    public int Count { get; set; }

    public long Sum(byte[] weights)
    {
        long sum = s_table[Count & 7];
        for (int i = 0; i < weights.Length; i++)
        {
            sum += (sbyte)weights[i] * _bytes[i & 7];
        }

        Array.Copy(_bytes, 0, _bytes, 4, 4);
        return unchecked((int)sum) << 3;
    }

    public override string ToString() => "count " + Count.ToString();
}

internal class MissingMember
{
    public int Use(int a) => Math.Max(a, 2);
}

internal class MissingOverload
{
    public string[] Use(string a) => a.Split("x", StringSplitOptions.None);
}

internal abstract class MissingOverride : Stream
{
    public override int Read(Span<byte> buffer) => 0;
}

internal class MissingType
{
    private System.Collections.BitArray _stack;
}

internal class MissingAttribute
{
    [System.Diagnostics.StackTraceHidden]
    public void Use()
    {
    }
}

internal class GenericInstance
{
    public int Use() => new List<int>().Count;
}

internal class GenericDefinition<T>
{
    private T _value;
}

internal class GenericMethod
{
    public int Use<T>() => 0;
}

internal class GenericCall
{
    public int[] Use() => Array.Empty<int>();
}

internal struct OwnStruct
{
    public int Value;
}

internal class FloatField
{
    private float _value;
}

internal class FloatArgument
{
    public bool Use(double[] value) => value is null;
}

internal class FloatInstruction
{
    public bool Use(int value) => value * 0.5 > 3;
}

internal class FloatConversion
{
    public int Use(int value) => (int)(value / (float)(value + 1));
}

internal class CheckedAddition
{
    public int Use(int value) => checked(value + 1);
}

internal class CheckedConversion
{
    public byte Use(int value) => checked((byte)value);
}

internal class Matrix
{
    public int Use() => new int[2, 3].Length;
}

internal class Pointer
{
    public unsafe int Use(byte[] value)
    {
        fixed (byte* p = value)
        {
            return *p;
        }
    }
}

internal class StackAllocation
{
    public int Use(int count)
    {
        Span<int> values = stackalloc int[count];
        return values[0];
    }
}

internal class SpanUse
{
    public int Use(Span<byte> value) => value.Length;
}

internal interface IDefaultMethod
{
    int Use() => 3;
}
