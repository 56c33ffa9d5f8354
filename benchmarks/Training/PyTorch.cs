using System.Diagnostics;

namespace TinyInference.TrainingBenchmark;

/// <summary>The same networks, batch and threads in PyTorch, where that is installed.</summary>
internal static class PyTorch
{
    /// <summary>Arguments: network, batch, runs. Prints samples per second by the clock (median) and by processor time; each run has as many batches as ours.</summary>
    private const string Script = """
        import statistics, sys, time
        import torch
        from torch import nn

        name, batch, runs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
        torch.set_num_threads(2)
        torch.manual_seed(1)

        def conv(i, o, k, stride=1, groups=1, relu=True):
            padding = tuple((x - 1) // 2 for x in k)
            layers = [nn.Conv2d(i, o, k, stride, padding, groups=groups, bias=False), nn.BatchNorm2d(o)]
            return nn.Sequential(*layers, nn.ReLU()) if relu else nn.Sequential(*layers)

        class Stack(nn.Module):
            def __init__(self, i, o, stride):
                super().__init__()
                self.body = nn.Sequential(conv(i, o, (3, 3), stride), conv(o, o, (3, 3), relu=False))
                self.shortcut = nn.Conv2d(i, o, 1, stride) if stride > 1 else nn.Identity()

            def forward(self, x):
                return torch.relu(self.body(x) + self.shortcut(x))

        if name == "dscnn":
            layers = [nn.ZeroPad2d((1, 1, 4, 5)), nn.Conv2d(1, 64, (10, 4), 2, bias=False), nn.BatchNorm2d(64), nn.ReLU()]
            for _ in range(4):
                layers += [conv(64, 64, (3, 3), groups=64), conv(64, 64, (1, 1))]
            net, shape, classes = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 12)), (1, 49, 10), 12
        else:
            net = nn.Sequential(conv(3, 16, (3, 3)), Stack(16, 16, 1), Stack(16, 32, 2), Stack(32, 64, 2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))
            shape, classes = (3, 32, 32), 10

        x = torch.rand(batch, *shape)
        y = torch.randint(classes, (batch,))
        optimizer = torch.optim.Adam(net.parameters())
        loss = nn.CrossEntropyLoss()
        speeds = []
        for run in range(runs + 1):
            if run == 1:
                processor = time.process_time()
            start = time.perf_counter()
            for _ in range(8):
                optimizer.zero_grad()
                loss(net(x), y).backward()
                optimizer.step()
            speeds.append(8 * batch / (time.perf_counter() - start))
        processor = time.process_time() - processor
        print(f"{statistics.median(speeds[1:]):,.0f} samples/s (median of {runs}), {2 * 8 * batch * runs / processor:,.0f} by processor time")
        """;

    /// <summary>Python as the user has it, and Debian's, for which python3-torch is installed.</summary>
    private static readonly string[] s_interpreters = ["python3", "/usr/bin/python3"];

    /// <returns>A line of figures; null where there is no python3, or none has a module torch.</returns>
    public static string? Measure(string network, int batch, int runs) => s_interpreters.Select(python => Run(python, network, batch, runs)).FirstOrDefault(line => line is not null);

    private static string? Run(string python, string network, int batch, int runs)
    {
        var start = new ProcessStartInfo(python, ["-c", Script, network, $"{batch}", $"{runs}"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using Process process = Process.Start(start)!;
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            string text = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            return process.ExitCode == 0 && text.Length > 0 ? text : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
