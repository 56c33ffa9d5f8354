using TinyInference.Converter.Lowering;

namespace TinyInference.Converter.Planning;

/// <summary>Bytes From to To - 1 of a buffer, in use from step First to step Last, both inclusive.</summary>
internal readonly record struct BufferPiece(int From, int To, int First, int Last);

/// <summary>Bytes of the arena, with the tensors that take turns in it. Its pieces come into use and fall out of it on their own, as rows do that are written and read in parts.</summary>
internal sealed class ArenaBuffer(string name, int bytes, int alignment)
{
    private readonly List<Access> _accesses = [];
    private IReadOnlyList<BufferPiece>? _pieces;

    public string Name { get; } = name;

    public int Bytes { get; } = bytes;

    public int Alignment { get; } = alignment;

    /// <summary>Tensors whose storage it is.</summary>
    public List<BlobTensor> Tensors { get; } = [];

    public int First { get; private set; } = int.MaxValue;

    public int Last { get; private set; } = int.MinValue;

    public bool IsMerged { get; set; }

    /// <summary>Without gaps, in ascending order.</summary>
    public IReadOnlyList<BufferPiece> Pieces => _pieces ??= MakePieces();

    /// <summary>Bytes from <paramref name="from"/> on are written or read at a step.</summary>
    public void Use(int step, int from, int count)
    {
        _accesses.Add(new Access(step, from, from + count));
        First = Math.Min(First, step);
        Last = Math.Max(Last, step);
        _pieces = null;
    }

    public void UseAll(int step) => Use(step, 0, Bytes);

    /// <summary>Takes over what another buffer of the same size holds.</summary>
    public void Merge(ArenaBuffer other)
    {
        other._accesses.ForEach(a => Use(a.Step, a.From, a.To - a.From));
        Tensors.AddRange(other.Tensors);
        other.IsMerged = true;
    }

    private List<BufferPiece> MakePieces()
    {
        int[] borders = [.. _accesses.SelectMany(a => new[] { a.From, a.To }).Distinct().Order()];
        var pieces = new List<BufferPiece>();
        for (int i = 0; i + 1 < borders.Length; i++)
        {
            int first = int.MaxValue;
            int last = int.MinValue;
            foreach (Access access in _accesses.Where(a => a.From <= borders[i] && a.To >= borders[i + 1]))
            {
                first = Math.Min(first, access.Step);
                last = Math.Max(last, access.Step);
            }

            if (first > last)
            {
                continue;
            }

            if (pieces.Count > 0 && pieces[^1] is var before && before.To == borders[i] && before.First == first && before.Last == last)
            {
                pieces[^1] = before with { To = borders[i + 1] };
            }
            else
            {
                pieces.Add(new BufferPiece(borders[i], borders[i + 1], first, last));
            }
        }

        return pieces;
    }

    private readonly record struct Access(int Step, int From, int To);
}
