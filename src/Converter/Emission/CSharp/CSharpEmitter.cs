using System.Text;
using TinyInference.Converter.Lowering;
using TinyInference.Converter.Planning;

namespace TinyInference.Converter.Emission.CSharp;

using TinyInference.Converter.Graphs;

/// <summary>Writes a network as C# that computes the same bytes as its blob. What it gives and costs: docs/generated.md.</summary>
internal static class CSharpEmitter
{
    /// <summary>Array initialisers of an assembly must stay below 64 KB on the device.</summary>
    private const int MostRestBytes = 32_768;

    private const int BytesPerLine = 32;

    /// <param name="graph">Quantized: every activation int8 with quantization parameters, or plain integers.</param>
    /// <param name="options">Class and limits.</param>
    /// <param name="kernels">Kernels of the operators that do not become code.</param>
    /// <exception cref="InputException">The network cannot be expressed with the runtime's operators.</exception>
    public static CSharpNetwork Emit(Graph graph, CSharpOptions options, KernelPreference kernels = KernelPreference.Balanced)
    {
        BlobProgram program = Lowerer.Lower(graph);
        List<(GeneratedLayer Layer, IReadOnlyList<MethodText> Methods)> chosen = LayerSelection.Choose(program, options);
        KernelSelection.Apply(program, kernels);
        var generated = chosen.SelectMany(c => c.Layer.Operators).ToHashSet();
        foreach (BlobOperator op in generated)
        {
            op.PatchBytes = 0;
            op.HasStatedOrder = false;
        }

        MemoryPlan plan = MemoryPlanner.Plan(program);
        byte[]? rest = generated.Count == program.Operators.Count ? null : Rest(program, plan, generated);
        List<CSharpFile> parts = Parts(chosen, options, program.Name, out Dictionary<MethodText, string> classes);
        var driver = new MethodText("");
        WriteNetwork(driver, program, plan, options.ClassName, chosen, classes, rest);
        if (driver.IlBytes > options.MostIlBytes)
        {
            throw new InputException($"{program.Name}: the class that calls the layers has {driver.IlBytes:N0} bytes of IL and does not fit the {options.MostIlBytes:N0} of an assembly; allow more with --max-il-bytes, or less code with --il-budget");
        }

        return new CSharpNetwork(
            [new CSharpFile(options.ClassName, driver.ToString(), driver.IlBytes), .. parts],
            [.. program.Operators.Where(generated.Contains).Select(o => o.Name)],
            [.. program.Operators.Where(o => !generated.Contains(o)).Select(o => o.Name)],
            rest is { Length: > MostRestBytes } ? rest : null,
            plan.ArenaBytes);
    }

    /// <summary>All classes in one file.</summary>
    public static string Join(CSharpNetwork network)
    {
        string header = network.Files[0].Text[..network.Files[0].Text.IndexOf("/// <summary>", StringComparison.Ordinal)];
        return header + string.Join("\n", network.Files.Select(f => f.Text[header.Length..]));
    }

    /// <summary>A blob of the other operators only, with everything where the whole network's plan has it.</summary>
    private static byte[] Rest(BlobProgram program, MemoryPlan plan, HashSet<BlobOperator> generated)
    {
        var rest = new BlobProgram { Name = program.Name };
        rest.Operators.AddRange(program.Operators.Where(o => !generated.Contains(o)));
        rest.Inputs.AddRange(program.Inputs);
        rest.Outputs.AddRange(program.Outputs);
        var used = rest.Operators.SelectMany(o => o.Inputs.Append(o.Output)).Concat(program.Inputs).Concat(program.Outputs).ToHashSet();
        rest.Tensors.AddRange(program.Tensors.Where(used.Contains));
        var restPlan = new MemoryPlan
        {
            ArenaBytes = plan.ArenaBytes,
            ScratchBytes = plan.ScratchBytes,
            LowerBound = plan.LowerBound,
            PeakOperator = -1,
            LiveBytesPerOperator = [],
            Buffers = [],
            Offsets = plan.Offsets,
            PatchOffsets = [.. program.Operators.Select((o, i) => (o, i)).Where(p => !generated.Contains(p.o)).Select(p => plan.PatchOffsets[p.i])],
        };
        return BlobWriter.ToBytes(rest, restPlan, withNames: false);
    }

    /// <summary>Fills classes with the layers' methods, one class for each assembly.</summary>
    private static List<CSharpFile> Parts(List<(GeneratedLayer Layer, IReadOnlyList<MethodText> Methods)> chosen, CSharpOptions options, string network, out Dictionary<MethodText, string> classes)
    {
        classes = [];
        var files = new List<CSharpFile>();
        var body = new StringBuilder();
        int ilBytes = 0;
        foreach (MethodText method in chosen.SelectMany(c => c.Methods))
        {
            if (ilBytes > 0 && ilBytes + method.IlBytes > options.MostIlBytes)
            {
                Close();
            }

            classes.Add(method, $"{options.ClassName}Part{files.Count + 1}");
            body.Append(ilBytes > 0 ? "\n" : "").Append(method);
            ilBytes += method.IlBytes;
        }

        if (ilBytes > 0)
        {
            Close();
        }

        return files;

        void Close()
        {
            string name = $"{options.ClassName}Part{files.Count + 1}";
            var text = new StringBuilder(Header(network));
            text.Append($"/// <summary>Layers of <c>{options.ClassName}</c>, weights of three output channels in each constant.</summary>\n");
            text.Append($"public static class {name}\n{{\n").Append(body).Append("}\n");
            files.Add(new CSharpFile(name, text.ToString(), ilBytes));
            body.Clear();
            ilBytes = 0;
        }
    }

    private static string Header(string network) =>
        $"// <auto-generated>Made by 'tinyinference convert --emit csharp' from {MethodText.Comment(network)}; changes are lost when it is made again.</auto-generated>\n"
        + "using System;\nusing TinyInference;\n\nnamespace TinyInference.Generated;\n\n";

    private static void WriteNetwork(MethodText text, BlobProgram program, MemoryPlan plan, string className, List<(GeneratedLayer Layer, IReadOnlyList<MethodText> Methods)> chosen, Dictionary<MethodText, string> classes, byte[]? rest)
    {
        bool isGiven = rest is { Length: > MostRestBytes };
        text.Line(Header(program.Name).TrimEnd('\n'));
        text.Line("");
        text.Line($"/// <summary>The network {System.Security.SecurityElement.Escape(MethodText.Comment(program.Name))}: set the input, <see cref=\"Run\"/>, get the output. Not for several threads at once.</summary>");
        text.Line($"public sealed class {className}");
        text.Line("{");
        WriteMembers(text, plan, chosen, rest is not null);
        string load = isGiven ? "rest" : "Rest()";
        if (isGiven)
        {
            text.Line("    /// <param name=\"rest\">The blob that was written beside this file: the operators that are not code.</param>");
        }

        text.Line($"    public {className}({(isGiven ? "byte[] rest" : "")})");
        text.Line("    {");
        text.Line(rest is null ? $"        _arena = new sbyte[{plan.ArenaBytes}];" : $"        _session = new Session(Model.Load({load}));\n        _arena = _session.Arena;", 40);
        text.Line("    }");
        text.Line("");
        WriteBuffers(text, program.Inputs, plan, "Input");
        WriteBuffers(text, program.Outputs, plan, "Output");
        WriteRun(text, program, chosen);
        foreach ((GeneratedLayer layer, IReadOnlyList<MethodText> methods) in chosen)
        {
            layer.WriteDriver(text, plan.Offsets[layer.Operator.Inputs[0]], plan.Offsets[layer.Operators[^1].Output], [.. methods.Select(m => $"{classes[m]}.{m.Name}")]);
        }

        if (rest is not null && !isGiven)
        {
            WriteRest(text, rest);
        }

        text.Line("}");
    }

    private static void WriteMembers(MethodText text, MemoryPlan plan, List<(GeneratedLayer Layer, IReadOnlyList<MethodText> Methods)> chosen, bool hasSession)
    {
        text.Line("    private readonly sbyte[] _arena;");
        if (hasSession)
        {
            text.Line("    private readonly Session _session;");
        }

        Array("sbyte", "_patch", l => l.PatchBytes);
        Array("long", "_sums", l => l.Sums);
        Array("int", "_wide", l => l.WideSums);
        text.Line("");
        text.Line($"    /// <summary>All activations, {plan.ArenaBytes} bytes.</summary>");
        text.Line("    public sbyte[] Arena => _arena;", 20);
        text.Line("");

        void Array(string type, string name, Func<GeneratedLayer, int> length)
        {
            int most = chosen.Count == 0 ? 0 : chosen.Max(c => length(c.Layer));
            if (most > 0)
            {
                text.Line($"    private readonly {type}[] {name} = new {type}[{most}];", 16);
            }
        }
    }

    /// <summary>SetInput and GetOutput, numbered where there are several.</summary>
    private static void WriteBuffers(MethodText text, List<BlobTensor> tensors, MemoryPlan plan, string role)
    {
        for (int i = 0; i < tensors.Count; i++)
        {
            BlobTensor tensor = tensors[i];
            string name = tensors.Count == 1 ? role : $"{role}{i}";
            string meaning = tensor.Quantization is null ? $"{tensor.Type}" : $"{tensor.Type}, real = {tensor.Scale:R} * (q - {tensor.ZeroPoint})";
            text.Line($"    /// <summary>Offset in the arena of '{System.Security.SecurityElement.Escape(MethodText.Comment(tensor.Name))}' {tensor.Shape}, {meaning}.</summary>");
            text.Line($"    public const int {name}Offset = {plan.Offsets[tensor]};");
            text.Line("");
            text.Line($"    public const int {name}Bytes = {tensor.ByteCount};");
            text.Line("");
            text.Line(role == "Input"
                ? $"    public void Set{name}(sbyte[] data) => Array.Copy(data, 0, _arena, {name}Offset, {name}Bytes);"
                : $"    public void Get{name}(sbyte[] data) => Array.Copy(_arena, {name}Offset, data, 0, {name}Bytes);", 40);
            text.Line("");
        }
    }

    private static void WriteRun(MethodText text, BlobProgram program, List<(GeneratedLayer Layer, IReadOnlyList<MethodText> Methods)> chosen)
    {
        var layers = chosen.ToDictionary(c => c.Layer.Operator, c => c.Layer);
        text.Line("    /// <summary>Runs all operators once. Allocates nothing.</summary>");
        text.Line("    public void Run()");
        text.Line("    {");
        int done = 0;
        for (int i = 0; i < program.Operators.Count;)
        {
            BlobOperator op = program.Operators[i];
            if (layers.TryGetValue(op, out GeneratedLayer? layer))
            {
                text.Line($"        Layer{layer.Index}();", 6);
                i += layer.Operators.Count;
                continue;
            }

            int first = done;
            for (; i < program.Operators.Count && !layers.ContainsKey(program.Operators[i]); i++)
            {
                text.Line($"        // {MethodText.Comment(program.Operators[i].ToString())}");
                done++;
            }

            text.Line($"        _session.RunOperators({first}, {done - first});", 20);
        }

        text.Line("    }", MethodText.OverheadBytes);
        text.Line("");
    }

    private static void WriteRest(MethodText text, byte[] rest)
    {
        text.Line("    // The blob of the operators that are not code.");
        text.Line("    private static byte[] Rest() => new byte[]", 40);
        text.Line("    {");
        foreach (byte[] line in rest.Chunk(BytesPerLine))
        {
            text.Line($"        {string.Join(", ", line)},");
        }

        text.Line("    };");
    }
}
