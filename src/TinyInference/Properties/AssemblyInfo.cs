// For TinyInference.nfproj only: the desktop build writes its own from Directory.Build.props.
using System.Reflection;

[assembly: AssemblyTitle("TinyInference")]
[assembly: AssemblyProduct("TinyInference")]
[assembly: AssemblyVersion("0.1.0.0")]
[assembly: AssemblyFileVersion("0.1.0.0")]
