using System.Reflection;

[assembly: AssemblyTitle("TinyInference.RouterPresence")]
[assembly: AssemblyProduct("TinyInference")]
[assembly: AssemblyVersion("0.1.0.0")]
[assembly: AssemblyFileVersion("0.1.0.0")]
