using TinyInference.Converter.Conversion;
using TinyInference.Converter.Graphs;
using TinyInference.Converter.Import;
using TinyInference.Converter.Lowering;

namespace TinyInference.IlMeter;

/// <summary>A network whose counts are stored, so that a rise is noticed.</summary>
/// <param name="Name">Its name in the tables and in the stored file.</param>
/// <param name="SharedFile">Where its model is among the development data; null where the repository makes it itself.</param>
internal sealed record ReferenceNetwork(string Name, string? SharedFile, Func<Graph> Open)
{
    /// <summary>MLPerf Tiny's networks as TensorFlow Lite models, and some that need no data: four small ones, and two pruned ones (what is left of the weights, single or in blocks of three output channels).</summary>
    public static IReadOnlyList<ReferenceNetwork> All { get; } =
    [
        Shared("kws", "models/mlperf-tiny/kws_ref_model.tflite"),
        Shared("ic", "models/mlperf-tiny/pretrainedResnet_quant.tflite"),
        Shared("ad", "models/mlperf-tiny/ad01_int8.tflite"),
        Shared("vww", "models/mlperf-tiny/vww_96_int8.tflite"),
        Shared("sww", "models/mlperf-tiny/str_ww_ref_model.tflite"),
        new("small-mlp", null, SmallNetworks.Mlp),
        new("small-dscnn", null, SmallNetworks.DsCnn),
        new("small-resnet", null, SmallNetworks.ResNet),
        new("small-norm", null, SmallNetworks.Norm),
        new("lenet300-10%", null, () => SmallNetworks.LeNet300(0.1, 1)),
        new("lenet300-20%x3", null, () => SmallNetworks.LeNet300(0.2, 3)),
        new("lenet5-10%", null, () => SmallNetworks.LeNet5(0.1, 1)),
        new("lenet5-20%x3", null, () => SmallNetworks.LeNet5(0.2, 3)),
    ];

    public bool IsPresent => SharedFile is null || RepositoryFolders.TryShared(SharedFile) is not null;

    public NetworkCounts Measure(KernelPreference kernels = KernelPreference.Balanced) =>
        NetworkCounts.Measure(Name, NetworkCounts.ToBlob(NetworkConverter.Prepare(Open()), kernels), input: null);

    private static ReferenceNetwork Shared(string name, string file) => new(name, file, () => ModelImporter.Load(RepositoryFolders.TryShared(file)!));
}
