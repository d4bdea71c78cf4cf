using System.Runtime.InteropServices;

namespace MeshSdk.Kubernetes.Snapshots;

/// <summary>Tells whether a file belongs to the user that the process runs as, which the base class library does not.</summary>
internal static partial class FileOwner
{
    private const int CurrentDirectory = -100;
    private const int NoFollow = 0x100;
    private const uint MaskUid = 0x8;

    /// <exception cref="IOException">It cannot be told.</exception>
    public static bool IsOwn(string path)
    {
        if (OperatingSystem.IsLinux())
        {
            // The one call of this family whose layout is the same on all architectures.
            return Statx(CurrentDirectory, path, NoFollow, MaskUid, out var status) == 0
                ? status.Uid == EffectiveUser()
                : throw new IOException($"The owner of '{path}' cannot be told: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        if (OperatingSystem.IsWindows())
        {
            return true;
        }

        try
        {
            // Elsewhere: only the owner may set the mode. The superuser may do so too, and to him nothing is foreign.
            File.SetUnixFileMode(path, File.GetUnixFileMode(path));
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, out Status status);

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Status
    {
        [FieldOffset(20)]
        public uint Uid;
    }
}
