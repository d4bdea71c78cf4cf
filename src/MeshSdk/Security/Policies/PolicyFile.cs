using System.Security;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Security.Policies;

/// <summary>
/// What a policy names by files that somebody else keeps fresh: read at first use, and again when it is used after they have changed. What can be read no longer stays
/// as it was last; what could never be read fails whoever needs it.
/// </summary>
/// <param name="paths">Read together, for they belong together.</param>
/// <param name="parse">Their contents made of use, in the order of <paramref name="paths"/>.</param>
/// <param name="logger">Hears once of a version that is no good.</param>
internal sealed class PolicyFile<T>(string[] paths, Func<string[], T> parse, ILogger logger)
    where T : class
{
    private readonly Lock _gate = new();
    private FileStamp[] _read = [];
    private T? _sound;
    private string? _fault;

    /// <summary>As the files are now, or were when they were last sound.</summary>
    /// <exception cref="IdentityUnavailableException">They never were.</exception>
    public T Current()
    {
        lock (_gate)
        {
            var stamps = Array.ConvertAll(paths, FileStamp.Of);

            // One that failed is tried again each time: who may read a file can change without a change of the file.
            if (_sound is null || _fault is not null || !stamps.AsSpan().SequenceEqual(_read))
            {
                Read();
                _read = stamps;
            }

            return _sound ?? throw new IdentityUnavailableException(_fault!);
        }
    }

    private void Read()
    {
        try
        {
            _sound = parse(Array.ConvertAll(paths, File.ReadAllText));
            _fault = null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SecurityException or CryptographicException
            or ArgumentException or FormatException or NotSupportedException)
        {
            var fault = $"{string.Join(" and ", paths)} cannot be used: {e.Message}";
            if (_sound is not null && fault != _fault)
            {
                PolicyLog.Kept(logger, fault);
            }

            _fault = fault;
        }
    }
}
