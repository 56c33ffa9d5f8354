using TinyInference.Converter.Emission.CSharp;

namespace TinyInference.SideBySide;

/// <summary>A way to run a network, as a device's assemblies: what they are made of.</summary>
/// <param name="Data">Bytes that the program needs: name of the class, and what its method Get returns.</param>
/// <param name="Assemblies">Sources of one assembly each, those first that others need.</param>
/// <param name="Create">Statements that make the network.</param>
/// <param name="Set">Statement that gives it "input".</param>
/// <param name="Run">Statement whose time is measured.</param>
/// <param name="Get">Statement that puts the result into "output".</param>
/// <param name="OutputBytes">Length of the output that is compared.</param>
internal sealed record NanoProgram(IReadOnlyList<(string Name, byte[] Bytes)> Data, IReadOnlyList<(string Name, string Source)> Assemblies, string Create, string Set, string Run, string Get, int OutputBytes)
{
    private const int LeastRounds = 6;

    /// <summary>Three seconds.</summary>
    private const int TicksToMeasure = 30_000_000;

    private const string LoadBlob = "Model.Load(Blob.Get())";

    public static NanoProgram Blob(byte[] blob, byte[] input, int outputBytes) =>
        new([("Blob", blob), ("Input", input)], [], $"var network = new Session({LoadBlob});", "network.SetInput(0, input);", "network.Run();", "network.GetOutput(0, output);", outputBytes);

    public static NanoProgram Naive(byte[] blob, byte[] input, int outputBytes) =>
        Blob(blob, input, outputBytes) with { Create = $"var network = new Session({LoadBlob}); var loops = new TinyInference.SideBySide.NaiveNetwork(network);", Run = "loops.Run();" };

    public static NanoProgram Generated(CSharpNetwork code, byte[] input, int outputBytes)
    {
        CSharpFile[] files = [.. code.Files.Skip(1), code.Files[0]];
        (string, byte[])[] data = code.RestBlob is { } rest ? [("Blob", rest), ("Input", input)] : [("Input", input)];
        string argument = code.RestBlob is null ? "" : "Blob.Get()";
        return new(
            data,
            [.. files.Select(f => (f.ClassName, f.Text))],
            $"var network = new TinyInference.Generated.{code.Files[0].ClassName}({argument});",
            "network.SetInput(input);",
            "network.Run();",
            "network.GetOutput(output);",
            outputBytes);
    }

    /// <summary>The program: writes the output's bytes ("= 1 2 3"), then the microseconds of each run ("us 123").</summary>
    public string Main => $$"""
        using System;
        using TinyInference;

        public static class Program
        {
            public static void Main()
            {
                byte[] bytes = Input.Get();
                var input = new sbyte[bytes.Length];
                for (int i = 0; i < bytes.Length; i++)
                {
                    input[i] = (sbyte)bytes[i];
                }

                var output = new sbyte[{{OutputBytes}}];
                {{Create}}
                long start = DateTime.UtcNow.Ticks;
                for (int round = 0; round < {{LeastRounds}} || DateTime.UtcNow.Ticks - start < {{TicksToMeasure}}; round++)
                {
                    {{Set}}
                    long begin = DateTime.UtcNow.Ticks;
                    {{Run}}
                    long ticks = DateTime.UtcNow.Ticks - begin;
                    {{Get}}
                    if (round == 0)
                    {
                        string text = "=";
                        for (int i = 0; i < output.Length; i++)
                        {
                            text += " " + output[i];
                        }

                        Console.WriteLine(text);
                    }
                    else
                    {
                        Console.WriteLine("us " + (ticks / 10));
                    }
                }
            }
        }
        """;
}
