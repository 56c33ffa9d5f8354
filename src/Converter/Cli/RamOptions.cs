using System.CommandLine;
using TinyInference.Converter.Boards;
using TinyInference.Converter.Conversion;

namespace TinyInference.Converter.Cli;

/// <summary>convert --max-ram and --patches: how little RAM a blob must need, and whether it may compute rows twice for that.</summary>
internal sealed class RamOptions
{
    /// <summary>Stripes make the plan longer, which takes RAM of the board too: the limit for the rest follows it.</summary>
    private const int MostRounds = 4;

    private readonly Option<int?> _most = Arguments.Count("--max-ram", "bytes of RAM that must do: activations, scratch");
    private readonly Option<Patching> _patches = Arguments.Choice(
        "--patches",
        "stripes of layers, for that; default auto",
        ("auto", Patching.Auto),
        ("on", Patching.On),
        ("off", Patching.Off));

    private enum Patching
    {
        Auto,
        On,
        Off,
    }

    public void AddTo(Command command)
    {
        command.Add(_most);
        command.Add(_patches);
    }

    /// <summary>Says before long work that generated code has no stripes.</summary>
    /// <exception cref="InputException">Both are asked for.</exception>
    public void RefuseForCode(ParseResult parse)
    {
        if (parse.GetValue(_most) is not null || parse.GetValue(_patches) == Patching.On)
        {
            throw new InputException("--max-ram and --patches are for blobs; code made by --emit csharp runs each layer as a whole");
        }
    }

    /// <exception cref="InputException">The network needs more RAM than the user allows.</exception>
    public ConversionResult Apply(ParseResult parse, ConversionResult result, Board? board, string path, Screen screen, CancellationToken cancellation)
    {
        int? most = parse.GetValue(_most);
        Patching patches = parse.GetValue(_patches);
        ConversionResult lowered = result;
        if (patches == Patching.On || (patches == Patching.Auto && most < result.Plan.TotalBytes))
        {
            lowered = screen.Work("looking for layers to cut into stripes", _ => NetworkConverter.LowerRam(result, most, cancellation));
        }

        if (lowered.Plan.TotalBytes > most)
        {
            string off = patches == Patching.Off ? "without --patches off it may need less" : "no way was found to need less; use a smaller network or input";
            throw new InputException($"{path}: needs {lowered.Plan.TotalBytes:N0} bytes of RAM for activations and scratch, --max-ram allows {most:N0}: {lowered.Plan.TotalBytes - most:N0} too many; {off}");
        }

        return board is null || patches != Patching.Auto ? lowered : FitBoard(result, lowered, board, screen, cancellation);
    }

    private static ConversionResult FitBoard(ConversionResult plain, ConversionResult result, Board board, Screen screen, CancellationToken cancellation)
    {
        int limit = result.Plan.TotalBytes;
        for (int round = 0; round < MostRounds && BoardFit.MissingRam(result.Blob, board) is > 0 and var missing && missing < limit; round++)
        {
            limit -= (int)missing;
            int bytes = limit;
            result = screen.Work("looking for layers to cut into stripes", _ => NetworkConverter.LowerRam(plain, bytes, cancellation));
        }

        // Where the board is too small all the same, the plain network says better by how much.
        return BoardFit.MissingRam(result.Blob, board) > 0 ? plain : result;
    }
}
