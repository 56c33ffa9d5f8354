using TinyInference.Converter.Cli;

return Tool.RunProcess(args);
