using System.Runtime.InteropServices;

namespace TinyInference.Converter.Devices;

/// <summary>
/// The C library's calls for terminals, on Linux and macOS: no package for serial ports is needed. Names are the C library's own; the
/// constants that differ between the systems are properties.
/// </summary>
internal static class Libc
{
    public const int ReadWrite = 2;
    public const short PollIn = 1;
    public const short PollOut = 4;
    public const int Interrupted = 4;

    /// <summary>As many bytes as any system's struct termios has, and more.</summary>
    public const int TermiosBytes = 256;

    private const string Library = "libc";

    /// <summary>Do not become the process's controlling terminal.</summary>
    public static int NoControllingTerminal => OperatingSystem.IsMacOS() ? 0x20000 : 0x100;

    public static int NonBlocking => OperatingSystem.IsMacOS() ? 4 : 0x800;

    /// <summary>The speed_t of 115200 baud.</summary>
    public static nuint Baud115200 => OperatingSystem.IsMacOS() ? 115200u : 0x1002u;

    /// <summary>Whether the system has these calls.</summary>
    public static bool IsAvailable => OperatingSystem.IsLinux() || OperatingSystem.IsMacOS();

    [DllImport(Library, EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport(Library, EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int Close(int file);

    [DllImport(Library, EntryPoint = "read", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern nint Read(int file, ref byte buffer, nuint count);

    [DllImport(Library, EntryPoint = "write", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern nint Write(int file, ref byte buffer, nuint count);

    /// <param name="files">Pairs: file, and events asked for (low half) and found (high half).</param>
    /// <param name="count">Number of pairs.</param>
    /// <param name="milliseconds">How long to wait.</param>
    [DllImport(Library, EntryPoint = "poll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int Poll([In, Out] int[] files, nuint count, int milliseconds);

    [DllImport(Library, EntryPoint = "posix_openpt", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int OpenPseudoTerminal(int flags);

    [DllImport(Library, EntryPoint = "grantpt", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int Grant(int file);

    [DllImport(Library, EntryPoint = "unlockpt", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int Unlock(int file);

    [DllImport(Library, EntryPoint = "ptsname", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern nint SlaveName(int file);

    [DllImport(Library, EntryPoint = "tcgetattr", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int GetAttributes(int file, byte[] termios);

    [DllImport(Library, EntryPoint = "tcsetattr", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int SetAttributes(int file, int when, byte[] termios);

    [DllImport(Library, EntryPoint = "cfmakeraw")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern void MakeRaw(byte[] termios);

    [DllImport(Library, EntryPoint = "cfsetspeed", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int SetSpeed(byte[] termios, nuint speed);
}
