namespace TinyInference.App;

/// <summary>The console's pins: those of boards/esp32-wroom-32.json. Other boards: change them after boards/NAME.json.</summary>
internal static class Pins
{
    internal const int ConsoleTx = 17;
    internal const int ConsoleRx = 16;
}
