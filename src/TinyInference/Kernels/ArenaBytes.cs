using System;

namespace TinyInference;

/// <summary>Moves and fills runs of int8 elements.</summary>
internal static class ArenaBytes
{
    /// <summary>Runs that are shorter are copied element by element: a native call costs as much as some 8 elements.</summary>
    private const int ShortRun = 8;

    internal static void Copy(sbyte[] arena, int from, int to, int count)
    {
        if (count >= ShortRun)
        {
            Array.Copy(arena, from, arena, to, count);
            return;
        }

        for (int end = from + count; from < end; from++, to++)
        {
            arena[to] = arena[from];
        }
    }

    internal static void Fill(sbyte[] arena, int at, int count, sbyte value)
    {
        int filled = count < ShortRun ? count : ShortRun;
        for (int i = 0; i < filled; i++)
        {
            arena[at + i] = value;
        }

        while (filled < count)
        {
            int part = count - filled < filled ? count - filled : filled;
            Array.Copy(arena, at, arena, at + filled, part);
            filled += part;
        }
    }
}
