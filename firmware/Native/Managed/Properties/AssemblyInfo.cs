using System.Reflection;

[assembly: AssemblyTitle("TinyInference.Native")]
[assembly: AssemblyProduct("TinyInference")]
[assembly: AssemblyVersion("0.1.0.0")]
[assembly: AssemblyFileVersion("0.1.0.0")]

// What firmware/Native/Interop states too. Changes with the signature of a native method, and only then.
[assembly: AssemblyNativeVersion("100.0.0.1")]
