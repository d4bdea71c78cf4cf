using System.Security;

namespace MeshSdk.Security.Policies;

/// <summary>Tells versions of a file apart. Of what a path leads to and not of a link: that is what is swapped under a mounted volume.</summary>
internal readonly record struct FileStamp(DateTime Written, long Length)
{
    /// <summary>The default where there is no such file, or none that may be read.</summary>
    public static FileStamp Of(string path)
    {
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return new FileStamp(File.GetLastWriteTimeUtc(file), RandomAccess.GetLength(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SecurityException or ArgumentException or NotSupportedException)
        {
            return default;
        }
    }
}
