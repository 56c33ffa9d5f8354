using System.Runtime.InteropServices;
using TinyInference;

namespace Native.Tests;

/// <summary>The kernels, compiled for this machine and loaded.</summary>
internal static class NativeLibrary
{
    private static readonly Lazy<NativeKernel> s_run = new(Load);

    /// <summary>tinf_run; skips the running test where there is no C compiler.</summary>
    public static NativeKernel Run
    {
        get
        {
            Toolchain.Find("gcc");
            return s_run.Value;
        }
    }

    private static NativeKernel Load()
    {
        string path = Toolchain.Build("gcc", "tinf.so", "-shared", "-fPIC");
        nint library = System.Runtime.InteropServices.NativeLibrary.Load(path);
        return Marshal.GetDelegateForFunctionPointer<NativeKernel>(System.Runtime.InteropServices.NativeLibrary.GetExport(library, "tinf_run"));
    }
}
