using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using TinyInference.Converter.Graphs;

namespace Converter.Tests;

/// <summary>ONNX Runtime where Node finds it (npm onnxruntime-node, NODE_PATH); tests that need it are skipped elsewhere.</summary>
internal static class OnnxRuntime
{
    /// <summary>Runs every N.onnx of a folder on N.json, {type, dims, data}, and writes all outputs to N.out.</summary>
    private const string Script = """
        const fs = require('fs'), path = require('path');
        let ort;
        try { ort = require('onnxruntime-node'); } catch { process.exit(77); }
        (async () => {
          const folder = process.argv[1];
          for (let i = 0; fs.existsSync(path.join(folder, i + '.onnx')); i++) {
            const session = await ort.InferenceSession.create(path.join(folder, i + '.onnx'), { logSeverityLevel: 3 });
            const input = JSON.parse(fs.readFileSync(path.join(folder, i + '.json')));
            const data = input.type === 'float32' ? Float32Array.from(input.data) : Int32Array.from(input.data);
            const result = await session.run({ [session.inputNames[0]]: new ort.Tensor(input.type, data, input.dims) });
            const outputs = session.outputNames.map(n => ({ dims: result[n].dims, data: Array.from(result[n].data) }));
            fs.writeFileSync(path.join(folder, i + '.out'), JSON.stringify(outputs));
          }
        })().catch(e => { console.error(String(e)); process.exit(1); });
        """;

    private const int NotInstalled = 77;

    /// <summary>The input of N.onnx: N.json.</summary>
    public static void WriteInput(string folder, int index, Shape shape, ElementType type, float[] data)
    {
        string numbers = string.Join(',', data.Select(x => x.ToString(CultureInfo.InvariantCulture)));
        File.WriteAllText(
            Path.Combine(folder, $"{index}.json"),
            $$"""{"type": "{{(type == ElementType.Int32 ? "int32" : "float32")}}", "dims": [{{string.Join(',', (IEnumerable<int>)[.. shape])}}], "data": [{{numbers}}]}""");
    }

    /// <summary>The outputs of 0.onnx, 1.onnx, ... of a folder.</summary>
    public static Tensor[][] Run(string folder, int count)
    {
        RunNode(folder);
        return [.. Enumerable.Range(0, count).Select(i => Outputs(Path.Combine(folder, $"{i}.out")))];
    }

    public static void AssertClose(float[] expected, float[] actual, string name)
    {
        Assert.HasCount(expected.Length, actual, name);
        for (int k = 0; k < expected.Length; k++)
        {
            Assert.AreEqual(expected[k], actual[k], 1e-3f * Math.Max(1, Math.Abs(expected[k])), $"{name}, output {k}");
        }
    }

    private static Tensor[] Outputs(string file)
    {
        using JsonDocument found = JsonDocument.Parse(File.ReadAllText(file));
        return
        [
            .. found.RootElement.EnumerateArray().Select(o => new Tensor(
                new Shape([.. o.GetProperty("dims").EnumerateArray().Select(e => e.GetInt32())]), o.GetProperty("data").EnumerateArray().Select(e => e.GetSingle()).ToArray())),
        ];
    }

    private static void RunNode(string folder)
    {
        var start = new ProcessStartInfo("node") { RedirectStandardError = true, RedirectStandardOutput = true };
        start.ArgumentList.Add("-e");
        start.ArgumentList.Add(Script);
        start.ArgumentList.Add(folder);
        try
        {
            using Process process = Process.Start(start)!;
            string error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode == NotInstalled)
            {
                Assert.Inconclusive("skipped: onnxruntime-node not found; install it with npm and name its node_modules in NODE_PATH");
            }

            Assert.AreEqual(0, process.ExitCode, error);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Inconclusive("skipped: node not found");
        }
    }
}
