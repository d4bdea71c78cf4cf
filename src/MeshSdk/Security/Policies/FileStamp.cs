using System.IO.Hashing;
using System.Security;

namespace MeshSdk.Security.Policies;

/// <summary>
/// Tells versions of a file apart, by what is in it: who copies one with its times over another of the same length changes nothing else. Such files are short
/// beside what a handshake costs. Of what a path leads to and not of a link: that is what is swapped under a mounted volume.
/// </summary>
internal readonly record struct FileStamp(UInt128 Content, long Length)
{
    /// <summary>The default where there is no such file, or none that may be read.</summary>
    public static FileStamp Of(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var hash = new XxHash128();
            hash.Append(file);
            return new FileStamp(hash.GetCurrentHashAsUInt128(), file.Position);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SecurityException or ArgumentException or NotSupportedException)
        {
            return default;
        }
    }
}
