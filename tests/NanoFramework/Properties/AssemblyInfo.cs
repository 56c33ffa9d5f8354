// For the emulator's project only.
global using nanoFramework.TestFramework;

using System.Reflection;

[assembly: AssemblyTitle("TinyInference.Emulator")]
[assembly: AssemblyVersion("0.1.0.0")]
[assembly: AssemblyFileVersion("0.1.0.0")]
