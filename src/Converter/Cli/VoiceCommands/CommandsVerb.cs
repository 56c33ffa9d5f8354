using System.CommandLine;

namespace TinyInference.Converter.Cli.VoiceCommands;

/// <summary>commands: sentences that an appliance understands, from examples to a blob that answers.</summary>
internal static class CommandsVerb
{
    public static Command Create(Screen screen, CancellationToken cancellation) =>
        new Command("commands", "Trains and runs networks that understand commands. From examples or grammars to a blob that says what a sentence wants, with which room, device or time.")
        {
            CommandsTrainVerb.Create(screen, cancellation),
            CommandsTestVerb.Create(screen, cancellation),
            CommandsChatVerb.Create(screen, cancellation),
            CommandsGenerateVerb.Create(screen, cancellation),
        }.WithExample("commands train --examples samples/commands -o commands.tinf");
}
