using TinyInference.Converter.Cli;
using TinyInference.IlMeter;

return MeterCommand.Run(args, Screen.OfProcess());
