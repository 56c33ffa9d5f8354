using TinyInference.Converter.Cli;
using TinyInference.SideBySide;

return SideBySideCommand.Run(args, Screen.OfProcess());
