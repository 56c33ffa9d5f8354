using System.CommandLine;
using System.Runtime.InteropServices;

namespace TinyInference.Converter.Cli;

/// <summary>run: raw tensors in, raw tensors out, through the runtime itself.</summary>
internal static class RunVerb
{
    /// <summary>As many bytes as one array of results may have.</summary>
    private const long MostBytes = 1 << 30;

    public static Command Create(Screen screen, CancellationToken cancellation)
    {
        Argument<string> blob = Arguments.Path("BLOB", "the network, a .tinf file");
        Option<string> input = Arguments.RequiredPath("--input", "FILE", "raw input tensors, sample after sample; '-' for standard input", "-i");
        Option<string> output = Arguments.RequiredPath("--output", "FILE", "raw output tensors, sample after sample; '-' for standard output", "-o");
        Option<bool> keepState = Arguments.Flag("--keep-state", "a recurrent network goes on from sample to sample instead of beginning anew with each");
        var command = new Command("run", "Runs a blob on raw int8 tensors, any number of samples one after the other. A network with several inputs or outputs has them one after the other in each sample.")
        {
            blob,
            input,
            output,
            keepState,
        };
        command.SetAction(parse => Run(parse.GetRequiredValue(blob), parse.GetRequiredValue(input), parse.GetRequiredValue(output), parse.GetValue(keepState), screen, cancellation));
        return command.WithExample("run kws.tinf --input samples.bin --output results.bin");
    }

    private static int Run(string blob, string input, string output, bool keepState, Screen screen, CancellationToken cancellation)
    {
        if (output != "-")
        {
            Files.CheckWritable(output);
        }

        string source = input == "-" ? "standard input" : input;
        Model model = BlobFile.Load(blob);
        byte[] data = input == "-" ? Files.Read(screen.OpenInput(), source, MostBytes) : Files.Read(input, MostBytes);
        int inputBytes = model.Inputs.Sum(t => t.ByteCount);
        int outputBytes = model.Outputs.Sum(t => t.ByteCount);
        if (data.Length == 0 || data.Length % inputBytes != 0)
        {
            string shapes = string.Join(" and ", model.Inputs.Select(t => $"{string.Join('x', t.Dimensions)} {t.Type.ToString().ToLowerInvariant()}"));
            throw new InputException($"{source}: has {data.Length:N0} bytes; {blob} takes {inputBytes:N0} for each sample ({shapes})");
        }

        int samples = data.Length / inputBytes;
        if ((long)samples * outputBytes > MostBytes)
        {
            throw new InputException($"{source}: {samples:N0} samples give {(long)samples * outputBytes:N0} bytes of output; split the input");
        }

        byte[] results = new byte[samples * outputBytes];
        var session = new Session(model);
        Span<byte> arena = MemoryMarshal.AsBytes(session.Arena.AsSpan());
        int read = 0;
        int written = 0;
        for (int sample = 0; sample < samples; sample++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!keepState)
            {
                session.ResetState();
            }

            foreach (Tensor tensor in model.Inputs)
            {
                data.AsSpan(read, tensor.ByteCount).CopyTo(arena[tensor.ArenaOffset..]);
                read += tensor.ByteCount;
            }

            session.Run();
            foreach (Tensor tensor in model.Outputs)
            {
                arena.Slice(tensor.ArenaOffset, tensor.ByteCount).CopyTo(results.AsSpan(written));
                written += tensor.ByteCount;
            }
        }

        if (output == "-")
        {
            using Stream stream = screen.OpenOutput();
            stream.Write(results);
        }
        else
        {
            Files.Write(output, results, cancellation);
        }

        screen.Note($"{samples:N0} {(samples == 1 ? "sample" : "samples")} of {inputBytes:N0} bytes in, {outputBytes:N0} bytes out");
        return ExitCode.Done;
    }
}
