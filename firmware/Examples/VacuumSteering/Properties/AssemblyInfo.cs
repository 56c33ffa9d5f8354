using System.Reflection;

[assembly: AssemblyTitle("TinyInference.VacuumSteering")]
[assembly: AssemblyProduct("TinyInference")]
[assembly: AssemblyVersion("0.1.0.0")]
[assembly: AssemblyFileVersion("0.1.0.0")]
